// How a call ended, in Trunkline's terms: by the causes of Q.850 as Asterisk tells them, by SIP responses, and by what
// happened to the call's legs, which goes first.
#pragma once

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::sip {

// What a cause says of a call that was never answered.
struct CauseMeaning {
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_FAILED;  // of an outbound call
  calls::v1::HangupCause cause = calls::v1::HANGUP_CAUSE_PROVIDER_ERROR;
};
// Q.850, 0 to 127; anything else is the provider's error.
CauseMeaning MeaningOfCause(int q850);
// A final SIP response.
CauseMeaning MeaningOfSipResponse(int code);

// What is known of a call when its last channel is gone.
struct EndFacts {
  bool inbound = false;
  bool answered = false;   // the two sides talked
  bool abandoned = false;  // the caller left a queue
  bool canceled = false;   // the caller left while it rang
  bool dialed = false;     // of an inbound call: somebody was called for it
  bool rang = false;       // the dialled leg rang
  bool busy = false;       // the dialled leg was busy
  bool no_answer = false;  // the dialled leg was not taken
  // Which side asked for the end first; SYSTEM: none did.
  calls::v1::HangupSource asked_by = calls::v1::HANGUP_SOURCE_SYSTEM;
  int cause = 0;         // Q.850, of the call's first channel
  int sip_response = 0;  // of the dialled leg, when it came from the network; else 0
};

struct CallEnd {
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
  calls::v1::Hangup hangup;
};
CallEnd EndOf(const EndFacts& facts);

// The error of a call that failed, with the cause as the provider's code. Empty for any other end.
calls::v1::CallError ErrorOfEnd(const CallEnd& end, int cause, int sip_response);

}  // namespace trunkline::providers::sip
