// When things happen. Everything that a twin simulates runs on its scheduler, one piece after the other, so that the
// simulation needs no locks; only the web server and the webhook workers have threads of their own.
#pragma once

#include <functional>

#include "absl/time/time.h"

namespace trunkline::twin {

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  virtual absl::Time Now() const = 0;
  // Runs `task` once, not before `delay` has passed; tasks of the same time run in the order in which they were given.
  // Any thread.
  virtual void After(absl::Duration delay, std::function<void()> task) = 0;
  void Soon(std::function<void()> task) { After(absl::ZeroDuration(), std::move(task)); }
};

}  // namespace trunkline::twin
