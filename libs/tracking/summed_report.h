// A report made of the list of calls, for platforms whose own sums cannot be asked for.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/tracking/platform_client.h"
#include "libs/tracking/rest_session.h"

namespace trunkline::tracking {

struct CallSums {
  absl::Time from;
  absl::Time to;  // not counted any more
  // The page at a position; the first one without.
  std::function<absl::StatusOr<CallPage>(const std::optional<Position>&)> list;
  // Platforms tell in ways of their own that a call was answered.
  bool (*was_answered)(const TrackedCall& call);
};

// Adds the calls that began within the time to `report`, and the requests that it took. CURSOR_LOOP when the list does
// not end; errors of `list`.
absl::StatusOr<Answer<CallReport>> SumCalls(const RestSession& session, const CallSums& sums,
                                            Answer<CallReport> report);

}  // namespace trunkline::tracking
