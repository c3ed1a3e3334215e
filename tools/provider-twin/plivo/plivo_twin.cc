#include "tools/provider-twin/plivo/plivo_twin.h"

#include <utility>

#include "tools/provider-twin/rest_reply.h"

namespace trunkline::twin::plivo {

PlivoTwin::PlivoTwin(World& world, WebhookTransport& transport)
    : world_(world),
      sender_(world, transport),
      store_(world.call_capacity),
      exchange_(world, sender_, accounts_, store_, rooms_),
      rest_api_(world, accounts_, store_, rooms_, exchange_),
      control_(sender_, accounts_, store_, exchange_, rest_api_) {}

absl::Status PlivoTwin::AddAccount(std::string_view description) {
  absl::StatusOr<Account> account = ParseAccount(description);
  if (!account.ok()) return account.status();
  accounts_.Put(*std::move(account));
  return absl::OkStatus();
}

void PlivoTwin::Serve(const http::Request& request, http::Responder respond) {
  RestAnswer answer = rest_api_.Handle(request);
  Send(world_, {.response = std::move(answer.response), .delay = answer.delay, .lost = answer.lost},
       std::move(respond));
}

http::Response PlivoTwin::Control(std::string_view path, const http::Request& request) {
  return control_.Handle(path, request);
}

void PlivoTwin::Reset() {
  exchange_.Reset();
  store_.Clear();
  sender_.Reset();
  rest_api_.Reset();
}

}  // namespace trunkline::twin::plivo
