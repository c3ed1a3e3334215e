// The part of the control API under /twin/exotel: what tests ask for and look at. README.md describes it for users.
#pragma once

#include <string_view>

#include "libs/http/message.h"
#include "tools/provider-twin/exotel/rest_api.h"

namespace trunkline::twin::exotel {

class Control {
 public:
  // All outlive the object.
  Control(WebhookSender& sender, Accounts& accounts, Exchange& exchange, RestApi& rest_api)
      : sender_(sender), accounts_(accounts), exchange_(exchange), rest_api_(rest_api) {}

  // `path` is what follows /twin/exotel.
  http::Response Handle(std::string_view path, const http::Request& request);

 private:
  http::Response PutAccount(std::string_view body);
  http::Response PutFlow(std::string_view body);
  http::Response Receive(std::string_view body);
  http::Response SendWebhook(std::string_view body);
  http::Response HangUp(std::string_view sid);
  http::Response Calls(std::string_view query) const;
  http::Response Stats() const;

  WebhookSender& sender_;
  Accounts& accounts_;
  Exchange& exchange_;
  RestApi& rest_api_;
};

}  // namespace trunkline::twin::exotel
