#include "tools/provider-twin/rest_reply.h"

#include <memory>
#include <utility>

namespace trunkline::twin {
namespace {

void SendNow(RestReply reply, http::Responder respond) {
  if (reply.lost) {
    respond.Abort();
  } else {
    respond.Send(std::move(reply.response));
  }
}

}  // namespace

void Send(World& world, RestReply reply, http::Responder respond) {
  const absl::Duration delay = reply.delay + absl::Milliseconds(world.settings.rest_latency_ms);
  if (delay <= absl::ZeroDuration()) return SendNow(std::move(reply), std::move(respond));
  // Shared, because a task must be copyable.
  auto later = std::make_shared<std::pair<RestReply, http::Responder>>(std::move(reply), std::move(respond));
  world.scheduler.After(delay, [later] { SendNow(std::move(later->first), std::move(later->second)); });
}

}  // namespace trunkline::twin
