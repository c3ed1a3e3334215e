// The part of the control API under /twin/plivo: what tests ask for and look at. README.md describes it for users.
#pragma once

#include <string_view>

#include "libs/http/message.h"
#include "tools/provider-twin/plivo/account.h"
#include "tools/provider-twin/plivo/exchange.h"
#include "tools/provider-twin/plivo/rest_api.h"

namespace trunkline::twin::plivo {

class Control {
 public:
  // All outlive the object.
  Control(WebhookSender& sender, Accounts& accounts, CallStore& store, Exchange& exchange, const RestApi& rest_api);

  // `path` is what follows /twin/plivo.
  http::Response Handle(std::string_view path, const http::Request& request);

 private:
  http::Response PutAccount(std::string_view body);
  http::Response Receive(std::string_view body);
  http::Response SendWebhook(std::string_view body);
  http::Response HangUp(std::string_view sid);
  http::Response Calls(std::string_view query) const;
  http::Response Stats() const;

  WebhookSender& sender_;
  Accounts& accounts_;
  CallStore& store_;
  Exchange& exchange_;
  const RestApi& rest_api_;
};

}  // namespace trunkline::twin::plivo
