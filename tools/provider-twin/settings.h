// How the outside world behaves: what can be changed while the twin runs, by `PUT /twin/config`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline::twin {

// What happens to calls beyond calls_per_second.
enum class OverLimit {
  kQueue,   // accepted and dialled later, as Twilio really does
  kReject,  // refused with 429
};

struct Settings {
  double webhook_latency_ms = 0;     // before every webhook
  double webhook_loss = 0;           // probability that a notification is never sent
  double webhook_duplication = 0;    // probability that a notification is sent twice
  double webhook_reorder_ms = 0;     // notifications are late by a random time up to this, so that they overtake
  double rest_latency_ms = 0;        // before every REST answer
  double slow_reply_ms = 30'000;     // of the outcome "time-out"
  double calls_per_second = 0;       // 0: no limit
  double requests_per_minute = 200;  // of an account, at providers that count them so; 0: no limit
  OverLimit over_limit = OverLimit::kQueue;
  double time_scale = 1;  // 0.01: a minute of a call takes 0.6 seconds
  uint64_t seed = 1;      // of everything random
};

// The settings with those changed that the JSON object names; INVALID_ARGUMENT names what is wrong.
absl::StatusOr<Settings> ChangeSettings(Settings settings, std::string_view json);
// As a JSON object.
std::string RenderSettings(const Settings& settings);

}  // namespace trunkline::twin
