// Where a call plan may call besides the call itself: what it dials goes where calls may go, and no further.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/gateway/accounts/destination_policy.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::gateway {

// In E.164, of every dial verb of the plan and of its steps. SIP addresses and client names are none.
std::vector<std::string> NumbersDialledBy(const plans::v1::CallPlan& plan);

// PERMISSION_DENIED DESTINATION_BLOCKED of the first number that may not be called.
absl::Status CheckPlanDestinations(const DestinationPolicy& policy, const std::vector<DestinationRule>& rules,
                                   const plans::v1::CallPlan& plan);

}  // namespace trunkline::gateway
