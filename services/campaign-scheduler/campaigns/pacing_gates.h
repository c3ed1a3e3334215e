// What the pace of a campaign lets begin now, as its owner's Pacer would find it: one gate for each setting that holds
// calls apart.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "trunkline/campaigns/v1/campaign.pb.h"
#include "trunkline/control/v1/call_gate.pb.h"

namespace trunkline::scheduler {

struct PaceSoFar {
  absl::Time running_since;           // started or resumed last
  std::vector<absl::Time> committed;  // attempts of the last minute and the very last one, the earliest first
};

// call_spacing, calls_per_second, calls_per_minute, and ramp_up while it lasts. `usual_spacing` holds where the
// campaign sets none.
std::vector<control::v1::CallGate> PacingGates(const campaigns::v1::Pacing& pacing, absl::Duration usual_spacing,
                                               const PaceSoFar& so_far, absl::Time now);

}  // namespace trunkline::scheduler
