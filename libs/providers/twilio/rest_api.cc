#include "libs/providers/twilio/rest_api.h"

#include "libs/base/text.h"
#include "libs/providers/media_transfer.h"

namespace trunkline::providers::twilio {
namespace {

std::string SoundOf(const http::Response& head) {
  const std::string_view type = http::FindHeader(head.headers, "content-type");
  return type.empty() || type == "audio/x-wav" ? "audio/wav" : std::string(type);
}

}  // namespace

RestApi::RestApi(const ProviderOptions& options) : timeout_(options.api_timeout), client_(http::ClientOptions{}) {}

absl::StatusOr<RestAnswer> RestApi::Get(const Account& account, const std::string& url) {
  return Get(ApiCredentialsOf(account), url);
}

absl::StatusOr<RestAnswer> RestApi::Get(const ApiCredentials& credentials, const std::string& url) {
  const absl::StatusOr<http::Response> response = client_.Send({.method = "GET",
                                                                .url = url,
                                                                .headers = {{"accept", "application/json"}},
                                                                .body = {},
                                                                .username = credentials.username,
                                                                .password = credentials.password,
                                                                .timeout = timeout_});
  if (!response.ok()) return response.status();
  return ReadAnswer(*response);
}

absl::StatusOr<RestAnswer> RestApi::Post(const Account& account, const std::string& url, const Form& form) {
  const ApiCredentials credentials = ApiCredentialsOf(account);
  const absl::StatusOr<http::Response> response =
      client_.Send({.method = "POST",
                    .url = url,
                    .headers = {{"accept", "application/json"}, {"content-type", "application/x-www-form-urlencoded"}},
                    .body = EncodeForm(form),
                    .username = credentials.username,
                    .password = credentials.password,
                    .timeout = timeout_});
  if (!response.ok()) return response.status();
  return ReadAnswer(*response);
}

absl::StatusOr<RestAnswer> RestApi::Delete(const Account& account, const std::string& url) {
  const ApiCredentials credentials = ApiCredentialsOf(account);
  const absl::StatusOr<http::Response> response = client_.Send({.method = "DELETE",
                                                                .url = url,
                                                                .headers = {{"accept", "application/json"}},
                                                                .username = credentials.username,
                                                                .password = credentials.password,
                                                                .timeout = timeout_});
  if (!response.ok()) return response.status();
  return ReadAnswer(*response);
}

absl::StatusOr<http::Response> RestApi::GetMedia(const Account& account, const std::string& url, std::string_view range,
                                                 MediaSink& sink) {
  const ApiCredentials credentials = ApiCredentialsOf(account);
  absl::StatusOr<http::Response> response = TransferMedia(client_,
                                                          {.method = "GET",
                                                           .url = url,
                                                           .username = credentials.username,
                                                           .password = credentials.password,
                                                           .timeout = timeout_},
                                                          range, SoundOf, sink);
  if (!response.ok() || response->status / 100 != 3) return response;
  const std::string location(http::FindHeader(response->headers, "location"));
  if (location.empty()) return response;
  return TransferMedia(client_, {.method = "GET", .url = location, .timeout = timeout_}, range, SoundOf, sink);
}

std::string ResourceUrl(const Account& account, std::string_view resource) {
  return Concat(ApiUrlOf(account), "/2010-04-01/Accounts/", PercentEncode(account.Setting(kAccountSid)), resource);
}

std::string CallUrl(const Account& account, std::string_view external_call_id) {
  return ResourceUrl(account, Concat("/Calls/", PercentEncode(external_call_id), ".json"));
}

}  // namespace trunkline::providers::twilio
