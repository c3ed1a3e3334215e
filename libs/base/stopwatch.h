// Measures how long something took, by a clock that a test may own.
#pragma once

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace trunkline {

// Measures from its beginning on.
class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock) : clock_(clock), began_(clock.Now()) {}
  // Since the beginning or the last lap.
  absl::Duration Lap();

 private:
  const Clock& clock_;
  absl::Time began_;
};

}  // namespace trunkline
