#include "libs/providers/exotel/recordings.h"

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/api_url.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/media_transfer.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::exotel {
namespace {

constexpr std::string_view kCredentialHost = "recordings.exotel.com";

bool IsHostOf(std::string_view host, std::string_view suffix) {
  return host == suffix ||
         (host.size() > suffix.size() && host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.');
}

// The API that the account is told to use on this very machine, such as the provider twin.
bool IsLocalApi(const Account& account, const UrlParts& url) {
  const std::string api_url = ApiUrlOf(account);
  const auto api = ReadUrl(api_url);
  return api.has_value() && IsLoopbackHost(api->host) && api->origin == url.origin;
}

std::string_view ContentTypeOf(const http::Response& response, std::string_view url) {
  const std::string_view told = http::FindHeader(response.headers, "content-type");
  if (told.starts_with("audio/")) return Split(told, ';')[0];
  return url.substr(0, url.find('?')).ends_with(".wav") ? "audio/wav" : "audio/mpeg";
}

}  // namespace

bool IsRecordingUrl(const Account& account, std::string_view url) {
  const auto parts = ReadUrl(url);
  if (!parts.has_value()) return false;
  if (IsLocalApi(account, *parts)) return true;
  if (parts->scheme != "https") return false;
  const std::string host = Lower(parts->host);
  if (IsHostOf(host, "exotel.com")) return true;
  // Anybody may have a bucket there: Exotel's begin with its name, in the host or in the path.
  if (IsHostOf(host, "amazonaws.com")) return host.starts_with("exotel") || parts->path.starts_with("/exotel");
  const std::string more = account.Setting(kRecordingHosts);
  if (more.empty()) return false;
  for (const std::string_view suffix : Split(more, ',')) {
    if (!Trim(suffix).empty() && IsHostOf(host, Trim(suffix))) return true;
  }
  return false;
}

Recordings::Recordings(RestApi& api, CallClient& calls) : RecordingClient(kProviderName), api_(api), calls_(calls) {}

absl::StatusOr<std::vector<ProviderRecording>> Recordings::List(const Account& account,
                                                                std::string_view external_call_id) {
  absl::StatusOr<ProviderCall> call = calls_.FetchCall(account, external_call_id);
  if (!call.ok()) return call.status();
  std::vector<ProviderRecording> recordings;
  const calls::v1::CallDetails& details = call->event.details();
  if (details.has_recording()) {
    recordings.push_back({.recording = details.recording(), .external_call_id = call->external_call_id});
  }
  return recordings;
}

absl::StatusOr<ProviderRecording> Recordings::Get(const Account& account, std::string_view external_recording_id) {
  TL_ASSIGN_OR_RETURN(std::vector<ProviderRecording> recordings, List(account, external_recording_id));
  if (recordings.empty()) return absl::NotFoundError("exotel: the call has no recording");
  return std::move(recordings.front());
}

absl::Status Recordings::Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                               MediaSink& sink) {
  const std::string& url = recording.url();
  if (!IsRecordingUrl(account, url)) {
    return absl::FailedPreconditionError("exotel: the recording is on a host that is not known to keep any");
  }
  const auto type_of = [&url](const http::Response& head) { return std::string(ContentTypeOf(head, url)); };
  absl::StatusOr<http::Response> response = api_.Fetch(account, url, /*with_credentials=*/false, range, type_of, sink);
  const auto parts = ReadUrl(url);
  const bool may_prove = parts.has_value() && (parts->scheme == "https" ? Lower(parts->host) == kCredentialHost
                                                                        : IsLocalApi(account, *parts));
  if (response.ok() && (response->status == 401 || response->status == 403) && may_prove) {
    response = api_.Fetch(account, url, /*with_credentials=*/true, range, type_of, sink);
  }
  if (!response.ok()) return StatusOfNoAnswer(kProviderName, response.status());
  if (IsMedia(*response)) return absl::OkStatus();
  RestAnswer answer;
  answer.status = response->status;
  return StatusOf(answer);
}

}  // namespace trunkline::providers::exotel
