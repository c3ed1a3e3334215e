// The call record as a function of the merged state: everything that depends on several events at once is worked out
// here, where the order of their arrival is forgotten.
#pragma once

#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/calls/v1/call_state.pb.h"

namespace trunkline::telephony {

// The record of a state.
//   status     the leading word, with what only the whole shows: an inbound call that ended without reaching anybody is
//              abandoned when the caller gave up and missed when nobody took it. A record's word stands as it is.
//   hangup     as the provider tells; a completed call that Trunkline asked to end is a system hangup, one that a
//   machine
//              answered and Trunkline ended counts as machine_detected.
//   times      the first of each; where a call-tracking platform's record tells a time, that one.
//   durations  of these times; talk and total are the provider's own count where it tells.
calls::v1::CallRecord Project(const calls::v1::CallState& state);

// When the call began, for the order of lists: when it was asked for, which is known from the first and does not move;
// for calls that Trunkline did not place the time of a platform's record, the earliest of their first times, else the
// time of an event.
int64_t StartedAtMicros(const calls::v1::CallState& state);

}  // namespace trunkline::telephony
