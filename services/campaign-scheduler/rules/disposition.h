// What came of an attempt, told from how its call ended.
#pragma once

#include <string>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

// Of a call that has ended (its status is one of those that telephony::IsEnded tells), as machine detection heard it:
// a machine that picked up is DISPOSITION_MACHINE. Unspecified while the call goes on.
v1::Disposition DispositionOf(const calls::v1::CallRecord& call);

// What the disposition means for a campaign: without a machine policy, whatever picks up counts as reached.
v1::Disposition UnderPolicy(v1::Disposition disposition, v1::MachinePolicy policy);

// True for what AutoPause counts: failed, rejected, invalid_number, unreachable and warm_up_failed.
bool IsFailure(v1::Disposition disposition);
// True for dispositions whose call was certainly not dialled: they count for no cap on the number.
bool IsUndialed(v1::Disposition disposition);

// "no_answer": how docs, evidence, settings and metrics name it; "" for unspecified.
std::string DispositionName(v1::Disposition disposition);

}  // namespace trunkline::scheduler
