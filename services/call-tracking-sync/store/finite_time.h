// Times that are never, in columns where NULL says so.
#pragma once

#include <optional>

#include "absl/time/time.h"

namespace trunkline::tracking_sync {

inline std::optional<absl::Time> FiniteOrNone(absl::Time time) {
  return time == absl::InfinitePast() || time == absl::InfiniteFuture() ? std::nullopt : std::optional(time);
}

}  // namespace trunkline::tracking_sync
