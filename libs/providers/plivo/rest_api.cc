#include "libs/providers/plivo/rest_api.h"

#include <algorithm>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/media_transfer.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::plivo {
namespace {

constexpr int kPageSize = 20;
constexpr int kMostPages = 2000;

}  // namespace

RestApi::RestApi(const ProviderOptions& options) : timeout_(options.api_timeout), client_(http::ClientOptions{}) {}

absl::StatusOr<RestAnswer> RestApi::Ask(const Account& account, std::string_view method, const std::string& url,
                                        std::string body) {
  const absl::StatusOr<http::Response> response =
      client_.Send({.method = std::string(method),
                    .url = url,
                    .headers = {{"accept", "application/json"}, {"content-type", "application/json"}},
                    .body = std::move(body),
                    .username = account.Setting(kAuthId),
                    .password = account.Credential(kAuthToken),
                    .timeout = timeout_});
  if (!response.ok()) return response.status();
  return ReadAnswer(*response);
}

absl::StatusOr<RestAnswer> RestApi::Get(const Account& account, const std::string& url) {
  return Ask(account, "GET", url, {});
}

absl::StatusOr<RestAnswer> RestApi::Post(const Account& account, const std::string& url, const nlohmann::json& body) {
  return Ask(account, "POST", url, WriteJson(body));
}

absl::StatusOr<RestAnswer> RestApi::Delete(const Account& account, const std::string& url) {
  return Ask(account, "DELETE", url, {});
}

absl::StatusOr<http::Response> RestApi::Download(const Account& account, const std::string& url, std::string_view range,
                                                 MediaSink& sink) {
  http::ClientRequest request{.method = "GET", .url = url, .timeout = timeout_};
  if (MayBeTrusted(account, url)) {
    request.username = account.Setting(kAuthId);
    request.password = account.Credential(kAuthToken);
  }
  const auto type_of = [&url](const http::Response& head) {
    const std::string_view told = http::FindHeader(head.headers, "content-type");
    if (!told.empty()) return std::string(told);
    return std::string(url.ends_with(".wav") ? "audio/wav" : "audio/mpeg");
  };
  return TransferMedia(client_, std::move(request), range, type_of, sink);
}

absl::Status RestApi::ForEach(const Account& account, std::string_view resource, Form query,
                              const std::function<absl::Status(const nlohmann::json& object)>& visit) {
  query.emplace_back("limit", Concat(kPageSize));
  for (int page = 0; page < kMostPages; ++page) {
    Form asked = query;
    asked.emplace_back("offset", Concat(page * kPageSize));
    const absl::StatusOr<RestAnswer> answer =
        Get(account, Concat(ResourceUrl(account, resource), "?", EncodeForm(asked)));
    if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
    if (!answer->IsSuccess()) return StatusOf(*answer);
    if (!answer->HasBody() || !answer->body.contains("objects") || !answer->body["objects"].is_array()) {
      return absl::UnavailableError("plivo: the answer is no list");
    }
    for (const nlohmann::json& object : answer->body["objects"]) TL_RETURN_IF_ERROR(visit(object));
    const auto meta = answer->body.find("meta");
    // Only whether there is a next page is read: the offset is known, and credentials go to no other host.
    if (meta == answer->body.end() || JsonText(*meta, "next").empty()) return absl::OkStatus();
  }
  return absl::UnavailableError("plivo: the list does not end");
}

bool IsPathId(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

std::string ResourceUrl(const Account& account, std::string_view resource) {
  return Concat(ApiUrlOf(account), "/v1/Account/", PercentEncode(account.Setting(kAuthId)), resource);
}

std::string CallUrl(const Account& account, std::string_view call_uuid, std::string_view below) {
  return ResourceUrl(account, Concat("/Call/", PercentEncode(call_uuid), "/", below));
}

}  // namespace trunkline::providers::plivo
