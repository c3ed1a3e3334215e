// Exotel, as one provider of the twin: its API, its exchange and its part of the control API.
#pragma once

#include <string_view>

#include "tools/provider-twin/exotel/account.h"
#include "tools/provider-twin/exotel/campaigns.h"
#include "tools/provider-twin/exotel/control.h"
#include "tools/provider-twin/exotel/exchange.h"
#include "tools/provider-twin/exotel/rest_api.h"
#include "tools/provider-twin/provider.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::exotel {

class ExotelTwin final : public Provider {
 public:
  // Both outlive the object, which outlives everything that is planned on the scheduler.
  ExotelTwin(World& world, WebhookTransport& transport);

  std::string_view name() const override { return "exotel"; }
  // "SID:key:token"
  absl::Status AddAccount(std::string_view description) override;
  bool OwnsPath(std::string_view path) const override;
  void Serve(const http::Request& request, http::Responder respond) override;
  http::Response Control(std::string_view path, const http::Request& request) override;
  void Reset() override;

 private:
  World& world_;
  WebhookSender sender_;
  Accounts accounts_;
  Exchange exchange_;
  Campaigns campaigns_;
  RestApi rest_api_;
  exotel::Control control_;
};

}  // namespace trunkline::twin::exotel
