#include "tools/provider-twin/exotel/exotel_twin.h"

#include <utility>

namespace trunkline::twin::exotel {

ExotelTwin::ExotelTwin(World& world, WebhookTransport& transport)
    : world_(world),
      sender_(world, transport),
      exchange_(world, sender_),
      campaigns_(world, sender_, exchange_),
      rest_api_(world, accounts_, exchange_, campaigns_),
      control_(sender_, accounts_, exchange_, rest_api_) {}

absl::Status ExotelTwin::AddAccount(std::string_view description) {
  absl::StatusOr<Account> account = ParseAccount(description);
  if (!account.ok()) return account.status();
  accounts_.Put(*std::move(account));
  return absl::OkStatus();
}

bool ExotelTwin::OwnsPath(std::string_view path) const {
  // The letters' case tells v1 of other providers apart.
  return path.starts_with("/v1/Accounts/") || path.starts_with("/v2/accounts/") ||
         path.starts_with("/twin-exotel-recordings/");
}

void ExotelTwin::Serve(const http::Request& request, http::Responder respond) {
  Send(world_, rest_api_.Handle(request), std::move(respond));
}

http::Response ExotelTwin::Control(std::string_view path, const http::Request& request) {
  return control_.Handle(path, request);
}

void ExotelTwin::Reset() {
  exchange_.Reset();
  campaigns_.Reset();
  sender_.Reset();
  rest_api_.Reset();
}

}  // namespace trunkline::twin::exotel
