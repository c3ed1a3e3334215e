// What a call event means for the attempt that its call carries out.
#pragma once

#include <optional>

#include "services/campaign-scheduler/store/outcome_store.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::scheduler {

// The outcome, of an event of a call of an attempt that has ended; nothing otherwise.
std::optional<ToldOutcome> OutcomeOf(const events::v1::CallEvent& event);

// True when the event tells that a machine picked up a call of an attempt, which goes on.
bool TellsOfMachine(const events::v1::CallEvent& event);

}  // namespace trunkline::scheduler
