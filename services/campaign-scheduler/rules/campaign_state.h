// Which states a campaign may go to from which, see enum CampaignState.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

// True for completed, cancelled and failed.
bool IsFinal(v1::CampaignState state);
// From a state to another one. Staying is none.
bool IsLegalTransition(v1::CampaignState from, v1::CampaignState to);
// OK, or FAILED_PRECONDITION ILLEGAL_TRANSITION that tells where the campaign stands and where it may go from there.
absl::Status CheckTransition(v1::CampaignState from, v1::CampaignState to);
// "running": how docs, errors and metrics name it; "" for unspecified.
std::string StateName(v1::CampaignState state);

// True for contacts that are not called any more: reached, exhausted, suppressed, removed.
bool IsFinished(v1::ContactState state);

}  // namespace trunkline::scheduler
