#include "libs/providers/twilio/paged_list.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int kMostPages = 50;

// The URL of a list's next page. Twilio gives it relative to the host; credentials go to no other.
absl::StatusOr<std::string> NextPage(const Account& account, const std::string& next_page_uri) {
  const std::string origin = ApiOriginOf(account);
  if (next_page_uri.starts_with(Concat(origin, "/"))) return next_page_uri;
  if (next_page_uri.starts_with('/') && !next_page_uri.starts_with("//")) return Concat(origin, next_page_uri);
  return absl::UnavailableError("twilio: the next page of a list is on another host");
}

}  // namespace

absl::Status ReadList(RestApi& api, const Account& account, std::string url, std::string_view member,
                      const std::function<absl::Status(const nlohmann::json& object)>& take) {
  for (int page = 0; page < kMostPages; ++page) {
    const absl::StatusOr<RestAnswer> answer = api.Get(account, url);
    if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
    if (!answer->IsSuccess()) return StatusOf(*answer);
    const auto list = answer->HasBody() ? answer->body.find(std::string(member)) : answer->body.end();
    if (!answer->HasBody() || list == answer->body.end() || !list->is_array()) {
      return absl::UnavailableError(ToAbsl(Concat("twilio: the answer is no list of ", member)));
    }
    for (const nlohmann::json& object : *list) TL_RETURN_IF_ERROR(take(object));
    const std::string next = JsonText(answer->body, "next_page_uri");
    if (next.empty()) return absl::OkStatus();
    TL_ASSIGN_OR_RETURN(url, NextPage(account, next));
  }
  return absl::UnavailableError(ToAbsl(Concat("twilio: the list of ", member, " does not end")));
}

}  // namespace trunkline::providers::twilio
