// The part of the control API under /twin/PLATFORM of a call-tracking platform: makes and changes calls, sets limits
// and troubles, and tells the truth. README.md describes it for users.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/http/message.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/rest_log.h"
#include "tools/provider-twin/tracking/life.h"
#include "tools/provider-twin/tracking/platform.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::tracking {

class Control {
 public:
  struct Parts {
    World& world;
    const Platform& platform;
    AccountMap& accounts;
    const std::string& first_account;
    Life& life;
    WebhookSender& sender;
    RestLog& log;
    std::function<absl::Status(std::string_view description)> add_account;
  };
  // All outlive the object.
  explicit Control(Parts parts) : parts_(std::move(parts)) {}

  // `path` is what follows /twin/PLATFORM.
  http::Response Handle(std::string_view path, const http::Request& request);

 private:
  http::Response HandlePost(Account& account, std::string_view path, const Json& body);
  http::Response HandleGet(Account& account, std::string_view path, const http::Request& request) const;
  // Of the body or of the query; the first without one. Null when there is none.
  Account* AccountOf(const http::Request& request, const std::optional<Json>& body) const;

  http::Response AddAccount(const Json& body);
  http::Response AddCalls(Account& account, const Json& body);
  http::Response PutCalls(Account& account, const Json& body);
  http::Response ChangeCalls(Account& account, const Json& body);
  http::Response PutLimits(Account& account, const Json& body);
  http::Response PrepareAnswers(Account& account, const Json& body);
  http::Response AddHook(Account& account, const Json& body);
  http::Response Truth(const Account& account, std::string_view query) const;
  http::Response Limits(const Account& account) const;
  http::Response Hooks(const Account& account) const;
  http::Response Numbers(const Account& account) const;
  http::Response Stats() const;

  Parts parts_;
};

}  // namespace trunkline::twin::tracking
