// What is particular to one call-tracking platform: how its accounts prove themselves, its requests and answers, how it
// words calls and webhooks. What they have in common is in tracking_twin.h.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/tracking/account.h"
#include "tools/provider-twin/tracking/life.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::tracking {

using AccountMap = std::map<std::string, std::unique_ptr<Account>, std::less<>>;

// A request below the platform's base path.
struct Ask {
  const http::Request& http;
  std::string_view method;
  std::string_view path;
  Form query;
  nlohmann::json body;  // null when it is no JSON

  std::string_view Query(std::string_view name) const { return FindInForm(query, name).value_or(""); }
};

// What the platform's own words of a call are, for the truth.
struct CallWords {
  std::string status;  // normalized
  std::string campaign_id;
  std::string campaign_key;
  std::string publisher_id;
  std::string buyer_id;
  std::string buyer_name;
  std::map<std::string, std::string> tags;
  bool has_destination = false;  // the wire tells where the call was sent
  bool money_known = false;
  bool tells_changes = false;  // when a call changed
  bool answer_known = true;    // of a call that goes on
};

// What a handler notes of the page of calls that it answered with, so that the list can move afterwards.
struct PageRead {
  bool has_more = false;
  std::vector<uint32_t> calls = {};
};

class Platform {
 public:
  virtual ~Platform() = default;
  virtual std::string_view name() const = 0;
  // "/retreaver": an account's api_url is the twin's with this.
  virtual std::string_view base_path() const = 0;
  virtual const CallIds& ids() const = 0;
  // A deleted call is still shown, as deleted.
  virtual bool ShowsDeleted() const { return false; }
  virtual std::vector<Limit> UsualLimits() const = 0;

  // "ID:secret..."; INVALID_ARGUMENT tells how it is written. The catalogue is filled.
  virtual absl::StatusOr<std::unique_ptr<Account>> ParseAccount(std::string_view text) const = 0;

  // Null when it proves no right to any account.
  virtual Account* Authenticate(AccountMap& accounts, const Ask& ask) = 0;
  virtual http::Response Unauthorized(const Ask& ask) const = 0;
  // Whose limits a request counts for: "list", "detail", "report", "export", "other".
  virtual std::string_view ResourceOf(const Ask& ask) const = 0;
  // A list of calls, of which calls may be missing.
  virtual bool IsCallList(const Ask& ask) const = 0;
  virtual http::Response RateLimited(const Account& account, const RequestWindows::Exceeded& exceeded) const = 0;
  virtual http::Response ServerError(int status) const = 0;
  // A list without its calls, as it is when there are none.
  virtual http::Response EmptyList(const Ask& ask) const = 0;
  // A list of which half is missing, where the platform says so; nothing where it does not.
  virtual std::optional<http::Response> PartialList(Account& account, const Ask& ask) const = 0;
  // `page` is filled by lists of calls.
  virtual http::Response Handle(Account& account, Life& life, const Ask& ask, PageRead* page) = 0;

  virtual CallWords Words(const Account& account, uint32_t call) const = 0;
  // Webhooks of the event, by the number of the hook.
  virtual std::vector<std::pair<uint16_t, Webhook>> Webhooks(const Account& account, uint32_t call,
                                                             Event event) const = 0;
};

}  // namespace trunkline::twin::tracking
