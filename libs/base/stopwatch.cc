#include "libs/base/stopwatch.h"

#include <utility>

namespace trunkline {

absl::Duration Stopwatch::Lap() {
  const absl::Time now = clock_.Now();
  return now - std::exchange(began_, now);
}

}  // namespace trunkline
