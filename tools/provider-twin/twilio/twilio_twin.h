// Twilio, as one provider of the twin: its API, its exchange and its part of the control API.
#pragma once

#include <string_view>

#include "tools/provider-twin/provider.h"
#include "tools/provider-twin/twilio/account.h"
#include "tools/provider-twin/twilio/call_store.h"
#include "tools/provider-twin/twilio/control.h"
#include "tools/provider-twin/twilio/exchange.h"
#include "tools/provider-twin/twilio/rest_api.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::twilio {

class TwilioTwin final : public Provider {
 public:
  // Both outlive the object, which outlives everything that is planned on the scheduler.
  TwilioTwin(World& world, WebhookTransport& transport);

  std::string_view name() const override { return "twilio"; }
  // "AC...:token"
  absl::Status AddAccount(std::string_view description) override;
  bool OwnsPath(std::string_view path) const override { return path.starts_with("/2010-04-01/"); }
  void Serve(const http::Request& request, http::Responder respond) override;
  http::Response Control(std::string_view path, const http::Request& request) override;
  void Reset() override;

 private:
  World& world_;
  WebhookSender sender_;
  Accounts accounts_;
  CallStore store_;
  Exchange exchange_;
  RestApi rest_api_;
  twilio::Control control_;
};

}  // namespace trunkline::twin::twilio
