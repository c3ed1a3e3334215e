#include "tools/provider-twin/twilio/twilio_twin.h"

#include <memory>
#include <utility>

namespace trunkline::twin::twilio {

TwilioTwin::TwilioTwin(World& world, WebhookTransport& transport)
    : world_(world),
      sender_(world, transport),
      store_(world.call_capacity),
      exchange_(world, sender_, accounts_, store_),
      rest_api_(world, accounts_, store_, exchange_),
      control_(sender_, accounts_, store_, exchange_, rest_api_) {}

void TwilioTwin::Serve(const http::Request& request, http::Responder respond) {
  RestAnswer answer = rest_api_.Handle(request);
  const absl::Duration delay = answer.delay + absl::Milliseconds(world_.settings.rest_latency_ms);
  if (delay <= absl::ZeroDuration()) {
    if (answer.lost) {
      respond.Abort();
    } else {
      respond.Send(std::move(answer.response));
    }
    return;
  }
  // Shared, because a task must be copyable.
  auto later = std::make_shared<std::pair<http::Responder, RestAnswer>>(std::move(respond), std::move(answer));
  world_.scheduler.After(delay, [later] {
    if (later->second.lost) {
      later->first.Abort();
    } else {
      later->first.Send(std::move(later->second.response));
    }
  });
}

http::Response TwilioTwin::Control(std::string_view path, const http::Request& request) {
  return control_.Handle(path, request);
}

void TwilioTwin::Reset() {
  exchange_.Reset();
  store_.Clear();
  sender_.Reset();
  rest_api_.Reset();
}

}  // namespace trunkline::twin::twilio
