#include "libs/providers/exotel/rest_api.h"

#include <utility>

#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/media_transfer.h"

namespace trunkline::providers::exotel {
namespace {

// Of a file, between two pieces.
constexpr absl::Duration kFileTimeout = absl::Seconds(30);

}  // namespace

RestApi::RestApi(const ProviderOptions& options) : timeout_(options.api_timeout), client_(http::ClientOptions{}) {}

absl::StatusOr<RestAnswer> RestApi::Send(const Account& account, http::ClientRequest request) {
  request.headers.emplace_back("accept", "application/json");
  request.username = account.Credential(kApiKey);
  request.password = account.Credential(kApiToken);
  request.timeout = timeout_;
  const absl::StatusOr<http::Response> response = client_.Send(request);
  if (!response.ok()) return response.status();
  return ReadAnswer(*response);
}

absl::StatusOr<RestAnswer> RestApi::Get(const Account& account, const std::string& url) {
  return Send(account, {.method = "GET", .url = url});
}

absl::StatusOr<RestAnswer> RestApi::PostForm(const Account& account, const std::string& url, const Form& form) {
  return Post(account, url, "application/x-www-form-urlencoded", EncodeForm(form));
}

absl::StatusOr<RestAnswer> RestApi::PostJson(const Account& account, const std::string& url, std::string body) {
  return Post(account, url, "application/json", std::move(body));
}

absl::StatusOr<RestAnswer> RestApi::Post(const Account& account, const std::string& url, std::string content_type,
                                         std::string body) {
  return Send(
      account,
      {.method = "POST", .url = url, .headers = {{"content-type", std::move(content_type)}}, .body = std::move(body)});
}

absl::StatusOr<http::Response> RestApi::Fetch(const Account& account, const std::string& url, bool with_credentials,
                                              std::string_view range,
                                              const std::function<std::string(const http::Response&)>& type_of,
                                              MediaSink& sink) {
  http::ClientRequest request{.method = "GET", .url = url, .timeout = kFileTimeout};
  if (with_credentials) {
    request.username = account.Credential(kApiKey);
    request.password = account.Credential(kApiToken);
  }
  return TransferMedia(client_, std::move(request), range, type_of, sink);
}

std::string V1Url(const Account& account, std::string_view resource) {
  return Concat(ApiUrlOf(account), "/v1/Accounts/", PercentEncode(account.Setting(kAccountSid)), resource);
}

std::string V2Url(const Account& account, std::string_view resource) {
  return Concat(ApiUrlOf(account), "/v2/accounts/", PercentEncode(account.Setting(kAccountSid)), resource);
}

}  // namespace trunkline::providers::exotel
