// The merge of a call (promise 4). The state of a call is the join of its events:
//
//   CallState state;
//   for (const CallEvent& event : events) Merge(Lift(event), &state);
//   CallRecord record = Project(state);     // call_record.h
//
// Merge is commutative, associative and idempotent, so any order of the same events, with any of them repeated, gives
// the same state, bit for bit. It is made of three rules: the earliest of each first time; on the status, the furthest
// phase, then the source that is to be believed more, then the later stamp; for everything else the later stamp, field
// by field. That a call is on hold or was transferred is undone by an event of that kind alone: "in progress" is what
// many webhooks say beside something else, also of a call on hold and some time after the fact. A stamp is the event's
// place in a total order: version of the record it was read from, provider time, sequence, authority of the source,
// event id.
#pragma once

#include "trunkline/calls/v1/call_state.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::telephony {

// One event as a state.
calls::v1::CallState Lift(const events::v1::CallEvent& event);

// Joins one event into `into`: Merge(Lift(event), into), without the state in between.
void MergeEvent(const events::v1::CallEvent& event, calls::v1::CallState* into);

// Joins `from` into `into`. Both must be of the same call, or `into` be empty.
void Merge(calls::v1::CallState from, calls::v1::CallState* into);

// The total order of stamps.
bool IsEarlier(const calls::v1::EventStamp& a, const calls::v1::EventStamp& b);

}  // namespace trunkline::telephony
