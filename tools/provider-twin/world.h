// What all simulated providers share. Used on the scheduler only.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "tools/provider-twin/chance.h"
#include "tools/provider-twin/scheduler.h"
#include "tools/provider-twin/settings.h"

namespace trunkline::twin {

struct World {
  explicit World(Scheduler& on) : scheduler(on), chance(settings.seed) {}

  // How long something takes here that takes `duration` in the real world.
  absl::Duration Scaled(absl::Duration duration) const { return duration * settings.time_scale; }
  // The other way round: how long `elapsed` would have been in the real world.
  absl::Duration Unscaled(absl::Duration elapsed) const {
    return settings.time_scale > 0 ? elapsed / settings.time_scale : elapsed;
  }

  Scheduler& scheduler;
  Settings settings;
  Chance chance;
  std::string public_url;  // of the twin itself, without a slash at its end
  size_t call_capacity = 50'000;
  size_t log_capacity = 20'000;  // of each log
};

}  // namespace trunkline::twin
