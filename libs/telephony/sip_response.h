// What a SIP response code (RFC 3261 section 21) says about why a call ended.
#pragma once

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::telephony {

// Cause and source for a final response of 300 and above; both unspecified for codes that say nothing of the sort.
// 487 (terminated) is unspecified: whether the caller left, the ring time ran out or the call was cancelled is told by
// the status beside it.
calls::v1::Hangup HangupOfSipResponse(int code);

}  // namespace trunkline::telephony
