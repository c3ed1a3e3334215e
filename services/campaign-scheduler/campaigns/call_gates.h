// What stands before a call, in the one form in which it is told: the rules of the scheduler, the limits of the
// governor.
#pragma once

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "trunkline/campaigns/v1/campaign.pb.h"
#include "trunkline/control/v1/call_gate.pb.h"
#include "trunkline/governor/v1/governor_service.pb.h"

namespace trunkline::scheduler {

control::v1::CallGate GateOf(const campaigns::v1::RuleResult& result);
control::v1::CallGate GateOf(const governor::v1::Gate& gate);
// Whoever keeps the gates cannot be asked: nothing passes, since nothing new is dialled without it.
control::v1::CallGate UnknownGate(std::string gate, std::string why);

// What the gates come to: the first that is shut, in a sentence.
std::string SummaryOf(const google::protobuf::RepeatedPtrField<control::v1::CallGate>& gates);

}  // namespace trunkline::scheduler
