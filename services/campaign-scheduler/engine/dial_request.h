// What the gateway is asked for an attempt.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::scheduler {

// The same campaign and attempt always give the same request.
control::v1::InitiateCallRequest DialRequestOf(const Campaign& campaign, const AttemptUnderWay& attempt);

// Puts the contact's variables where a plan says "{{name}}"; nothing for a name that it does not have. `variables` is a
// v1::Contact with variables alone, serialized.
void FillIn(const std::string& variables, plans::v1::CallPlan* plan);

// From the commit of an attempt to its dial_before: `usual`, and what the warm-up may take.
struct WarmUpDefaults {
  absl::Duration timeout = absl::Seconds(60);
  int retries = 3;
};
absl::Duration DialTimeOf(const v1::CampaignSettings& settings, absl::Duration usual, const WarmUpDefaults& defaults);

}  // namespace trunkline::scheduler
