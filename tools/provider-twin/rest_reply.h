// How a simulated API answers: perhaps late, perhaps not at all.
#pragma once

#include "absl/time/time.h"
#include "libs/http/message.h"
#include "libs/http/server.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin {

struct RestReply {
  http::Response response;
  absl::Duration delay = absl::ZeroDuration();  // beyond Settings::rest_latency_ms
  bool lost = false;                            // the connection closes without an answer
};

// On the scheduler.
void Send(World& world, RestReply reply, http::Responder respond);

}  // namespace trunkline::twin
