// Plivo, as one provider of the twin: its API, its exchange and its part of the control API.
#pragma once

#include <string_view>

#include "tools/provider-twin/plivo/account.h"
#include "tools/provider-twin/plivo/call_store.h"
#include "tools/provider-twin/plivo/control.h"
#include "tools/provider-twin/plivo/exchange.h"
#include "tools/provider-twin/plivo/rest_api.h"
#include "tools/provider-twin/provider.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::plivo {

class PlivoTwin final : public Provider {
 public:
  // Both outlive the object, which outlives everything that is planned on the scheduler.
  PlivoTwin(World& world, WebhookTransport& transport);

  std::string_view name() const override { return "plivo"; }
  // "MA...:token"
  absl::Status AddAccount(std::string_view description) override;
  bool OwnsPath(std::string_view path) const override { return path.starts_with("/v1/Account/"); }
  void Serve(const http::Request& request, http::Responder respond) override;
  http::Response Control(std::string_view path, const http::Request& request) override;
  void Reset() override;

 private:
  World& world_;
  WebhookSender sender_;
  Accounts accounts_;
  CallStore store_;
  Rooms rooms_;
  Exchange exchange_;
  RestApi rest_api_;
  plivo::Control control_;
};

}  // namespace trunkline::twin::plivo
