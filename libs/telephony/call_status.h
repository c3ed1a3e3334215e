// The life of a call as a ladder of phases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::telephony {

// True for the statuses that a call does not leave.
bool IsEnded(calls::v1::CallStatus status);

// How far a call has come with a status: 0 asked for or queued before dialling, 1 ringing, 2 in progress, 3 ended. A
// queue entered after the answer is in progress, which only the type of the event tells.
uint32_t PhaseOf(calls::v1::CallStatus status, events::v1::CallEventType type);

// "answered", "no_answer", ...: the names that SQL, JSON and the command line use. Unspecified is "unknown".
std::string NameOf(calls::v1::CallStatus status);
std::string NameOf(calls::v1::CallDirection direction);
std::string NameOf(calls::v1::HangupCause cause);
std::string NameOf(calls::v1::HangupSource source);
std::string NameOf(calls::v1::CallErrorCode code);
std::string NameOf(events::v1::CallEventType type);
std::string NameOf(events::v1::EventSource source);

}  // namespace trunkline::telephony
