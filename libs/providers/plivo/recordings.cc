#include "libs/providers/plivo/recordings.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/media_transfer.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/webhook_time.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/providers/provider_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

constexpr int64_t kLongestRecordingSeconds = 14'400;
// A list spans 30 days at most.
constexpr absl::Duration kWindow = absl::Hours(24 * 29);
constexpr int kWindows = 3;

std::string RecordingUrl(const Account& account, std::string_view id) {
  return ResourceUrl(account, Concat("/Recording/", PercentEncode(id), "/"));
}

absl::Status NoSuchRecording() { return absl::NotFoundError("plivo: no recording has such an id"); }

std::string FilterTime(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone()); }

std::optional<ProviderRecording> ReadRecording(const nlohmann::json& object) {
  ProviderRecording out;
  out.recording.set_external_recording_id(JsonText(object, "recording_id"));
  if (out.recording.external_recording_id().empty()) return std::nullopt;
  out.recording.set_url(JsonText(object, "recording_url"));
  // What the API lists is finished.
  out.recording.set_status(calls::v1::RECORDING_STATUS_READY);
  const std::optional<double> length = ParseDouble(JsonText(object, "recording_duration_ms"));
  if (length.has_value() && *length >= 0 && *length < 1e12) {
    *out.recording.mutable_duration() = telephony::ToProto(absl::Milliseconds(static_cast<int64_t>(*length)));
  }
  out.external_call_id = JsonText(object, "call_uuid");
  out.started_at = ParseEpochMilliseconds(JsonText(object, "recording_start_ms"));
  if (!out.started_at.has_value()) out.started_at = ParseWithOffset(JsonText(object, "add_time"));
  return out;
}

}  // namespace

Recordings::Recordings(const ProviderOptions& options, RestApi& api)
    : RecordingClient(kProviderName), options_(options), api_(api) {}

absl::StatusOr<calls::v1::Recording> Recordings::Start(const Account& account, const LiveCall& call) {
  if (!IsPathId(call.external_call_id)) return absl::NotFoundError("plivo: no call has such an id");
  const absl::StatusOr<RestAnswer> answer =
      api_.Post(account, CallUrl(account, call.external_call_id, "Record/"),
                {{"time_limit", kLongestRecordingSeconds},
                 {"file_format", "mp3"},
                 {"record_channel_type", "stereo"},
                 {"callback_url", WebhookUrls(options_.public_url, account.id, call.call_id).ForNews("recording")},
                 {"callback_method", "POST"}});
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  calls::v1::Recording recording;
  recording.set_external_recording_id(JsonText(answer->body, "recording_id"));
  recording.set_url(JsonText(answer->body, "url"));
  recording.set_status(calls::v1::RECORDING_STATUS_IN_PROGRESS);
  recording.set_channels(2);
  if (recording.external_recording_id().empty()) return absl::UnavailableError("plivo: the answer is no recording");
  return recording;
}

absl::Status Recordings::Stop(const Account& account, const LiveCall& call,
                              std::string_view /*external_recording_id*/) {
  if (!IsPathId(call.external_call_id)) return absl::NotFoundError("plivo: no call has such an id");
  const absl::StatusOr<RestAnswer> answer = api_.Delete(account, CallUrl(account, call.external_call_id, "Record/"));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  return answer->IsSuccess() || answer->IsNotFound() ? absl::OkStatus() : StatusOf(*answer);
}

absl::StatusOr<std::vector<ProviderRecording>> Recordings::List(const Account& account,
                                                                std::string_view external_call_id) {
  if (!IsPathId(external_call_id)) return absl::NotFoundError("plivo: no call has such an id");
  std::vector<ProviderRecording> recordings;
  const absl::Time now = absl::Now();
  for (int window = 0; window < kWindows; ++window) {
    Form query = {{"call_uuid", std::string(external_call_id)},
                  {"add_time__gte", FilterTime(now - (window + 1) * kWindow)}};
    if (window > 0) query.emplace_back("add_time__lt", FilterTime(now - window * kWindow));
    TL_RETURN_IF_ERROR(api_.ForEach(account, "/Recording/", query, [&](const nlohmann::json& object) -> absl::Status {
      std::optional<ProviderRecording> recording = ReadRecording(object);
      if (!recording.has_value()) return absl::UnavailableError("plivo: the list has something that is no recording");
      if (recording->external_call_id == external_call_id) recordings.push_back(*std::move(recording));
      return absl::OkStatus();
    }));
  }
  return recordings;
}

absl::StatusOr<ProviderRecording> Recordings::Get(const Account& account, std::string_view external_recording_id) {
  if (!IsPathId(external_recording_id)) return NoSuchRecording();
  const absl::StatusOr<RestAnswer> answer = api_.Get(account, RecordingUrl(account, external_recording_id));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  std::optional<ProviderRecording> recording = ReadRecording(answer->body);
  if (!recording.has_value()) return absl::UnavailableError("plivo: the answer is no recording");
  return *std::move(recording);
}

absl::Status Recordings::Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                               MediaSink& sink) {
  std::string url = recording.url();
  if (url.empty()) {
    TL_ASSIGN_OR_RETURN(const ProviderRecording known, Get(account, recording.external_recording_id()));
    url = known.recording.url();
  }
  if (!url.starts_with("https://") && !MayBeTrusted(account, url)) {
    return absl::FailedPreconditionError("plivo: the recording is not at an https URL");
  }
  const absl::StatusOr<http::Response> response = api_.Download(account, url, range, sink);
  if (!response.ok()) return StatusOfNoAnswer(kProviderName, response.status());
  return IsMedia(*response) ? absl::OkStatus() : StatusOf(ReadAnswer(*response));
}

absl::Status Recordings::Delete(const Account& account, std::string_view external_recording_id) {
  if (!IsPathId(external_recording_id)) return NoSuchRecording();
  const absl::StatusOr<RestAnswer> answer = api_.Delete(account, RecordingUrl(account, external_recording_id));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  return answer->IsSuccess() || answer->IsNotFound() ? absl::OkStatus() : StatusOf(*answer);
}

}  // namespace trunkline::providers::plivo
