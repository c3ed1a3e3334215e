#include "libs/providers/twilio/recordings.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/media_transfer.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/paged_list.h"
#include "libs/providers/twilio/status_mapping.h"
#include "libs/providers/twilio/webhook_time.h"
#include "libs/providers/twilio/webhook_urls.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int64_t kLongestRecording = 1'000'000'000;

std::string RecordingUrl(const Account& account, std::string_view id, std::string_view suffix) {
  return ResourceUrl(account, Concat("/Recordings/", PercentEncode(id), suffix));
}

std::string CallRecordingsUrl(const Account& account, std::string_view external_call_id, std::string_view rest) {
  return ResourceUrl(account, Concat("/Calls/", PercentEncode(external_call_id), "/Recordings", rest));
}

bool Records(const ProviderRecording& recording) {
  return recording.recording.status() == calls::v1::RECORDING_STATUS_IN_PROGRESS;
}

std::optional<ProviderRecording> ReadRecording(const Account& account, const nlohmann::json& object) {
  ProviderRecording out;
  const std::string id = JsonText(object, "sid");
  if (id.empty()) return std::nullopt;
  out.recording.set_external_recording_id(id);
  out.recording.set_url(RecordingUrl(account, id, ""));
  out.recording.set_status(MapRecordingStatus(JsonText(object, "status")));
  const auto channels = ParseInt(JsonText(object, "channels"));
  if (channels == 1 || channels == 2) out.recording.set_channels(static_cast<int32_t>(*channels));
  const auto seconds = ParseInt(JsonText(object, "duration"));
  if (seconds.has_value() && *seconds >= 0 && *seconds <= kLongestRecording) {
    *out.recording.mutable_duration() = telephony::ToProto(absl::Seconds(*seconds));
  }
  out.external_call_id = JsonText(object, "call_sid");
  out.started_at = ParseRfc2822(JsonText(object, "start_time"));
  return out;
}

absl::StatusOr<ProviderRecording> RecordingOfAnswer(const Account& account, const absl::StatusOr<RestAnswer>& answer) {
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  std::optional<ProviderRecording> recording = ReadRecording(account, answer->body);
  if (!recording.has_value()) return absl::UnavailableError("twilio: the answer is no recording");
  return *std::move(recording);
}

}  // namespace

Recordings::Recordings(const ProviderOptions& options, RestApi& api)
    : RecordingClient(kProviderName), options_(options), api_(api) {}

absl::StatusOr<calls::v1::Recording> Recordings::Start(const Account& account, const LiveCall& call) {
  const WebhookUrls urls(options_.public_url, account.id, call.call_id);
  Form form = {{"RecordingStatusCallback", urls.ForNews("recording")},
               {"RecordingStatusCallbackMethod", "POST"},
               {"RecordingChannels", "dual"}};
  for (const char* event : {"in-progress", "completed", "absent"}) {
    form.emplace_back("RecordingStatusCallbackEvent", event);
  }
  TL_ASSIGN_OR_RETURN(
      const ProviderRecording started,
      RecordingOfAnswer(account, api_.Post(account, CallRecordingsUrl(account, call.external_call_id, ".json"), form)));
  return started.recording;
}

absl::Status Recordings::Stop(const Account& account, const LiveCall& call, std::string_view external_recording_id) {
  if (!external_recording_id.empty()) return StopOne(account, call, external_recording_id);
  TL_ASSIGN_OR_RETURN(const std::vector<ProviderRecording> recordings, List(account, call.external_call_id));
  for (const ProviderRecording& recording : recordings) {
    if (Records(recording)) TL_RETURN_IF_ERROR(StopOne(account, call, recording.recording.external_recording_id()));
  }
  return absl::OkStatus();
}

absl::Status Recordings::StopOne(const Account& account, const LiveCall& call, std::string_view id) {
  const std::string url = CallRecordingsUrl(account, call.external_call_id, Concat("/", PercentEncode(id), ".json"));
  const absl::StatusOr<RestAnswer> answer = api_.Post(account, url, {{"Status", "stopped"}});
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  // What has stopped already is in no state to be stopped.
  return answer->IsSuccess() || answer->code == kNotInState ? absl::OkStatus() : StatusOf(*answer);
}

absl::StatusOr<std::vector<ProviderRecording>> Recordings::List(const Account& account,
                                                                std::string_view external_call_id) {
  std::vector<ProviderRecording> recordings;
  TL_RETURN_IF_ERROR(ReadList(api_, account, CallRecordingsUrl(account, external_call_id, ".json"), "recordings",
                              [&](const nlohmann::json& object) {
                                std::optional<ProviderRecording> recording = ReadRecording(account, object);
                                if (!recording.has_value()) {
                                  return absl::UnavailableError("twilio: the list has something that is no recording");
                                }
                                recordings.push_back(*std::move(recording));
                                return absl::OkStatus();
                              }));
  return recordings;
}

absl::StatusOr<ProviderRecording> Recordings::Get(const Account& account, std::string_view external_recording_id) {
  return RecordingOfAnswer(account, api_.Get(account, RecordingUrl(account, external_recording_id, ".json")));
}

absl::Status Recordings::Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                               MediaSink& sink) {
  // Never the URL that a webhook told: the id names the recording, and the account says where the API is.
  const absl::StatusOr<http::Response> media =
      api_.GetMedia(account, RecordingUrl(account, recording.external_recording_id(), ".wav"), range, sink);
  if (!media.ok()) return StatusOfNoAnswer(kProviderName, media.status());
  return IsMedia(*media) ? absl::OkStatus() : StatusOf(ReadAnswer(*media));
}

absl::Status Recordings::Delete(const Account& account, std::string_view external_recording_id) {
  const absl::StatusOr<RestAnswer> answer = api_.Delete(account, RecordingUrl(account, external_recording_id, ".json"));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  return answer->IsSuccess() || answer->http_status == 404 ? absl::OkStatus() : StatusOf(*answer);
}

}  // namespace trunkline::providers::twilio
