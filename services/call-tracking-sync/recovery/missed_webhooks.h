// Which ranges of time are to be recovered, by the calls that ended and of which no webhook told. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace trunkline::tracking_sync {

struct EndedCall {
  absl::Time ended_at;
  bool was_told = false;  // a webhook came at its end or later
};

struct RecoveryRules {
  int64_t few = 20;                              // so many calls in the range or fewer say nothing of a share
  double least_share = 0.95;                     // of calls that webhooks told of
  int gap_calls = 3;                             // so many in a row of which none told are a gap ...
  absl::Duration gap_length = absl::Minutes(2);  // ... when it is longer than this
  absl::Duration margin = absl::Minutes(15);     // more is recovered on either side
};

struct RecoveryRange {
  absl::Time from;
  absl::Time to;

  bool operator==(const RecoveryRange&) const = default;
};

// Of the calls that ended in [from, to), in the order of their ends: all of it when too few were told of, else around
// each gap. In order, and apart from each other.
std::vector<RecoveryRange> RangesToRecover(const std::vector<EndedCall>& calls, absl::Time from, absl::Time to,
                                           const RecoveryRules& rules);

}  // namespace trunkline::tracking_sync
