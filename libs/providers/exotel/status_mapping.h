// Exotel's words for how a call ended, in Trunkline's terms. The tables are those of Exotel's documentation of
// StatusCallback and of the Passthru applet.
#pragma once

#include <optional>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers::exotel {

struct MappedEnd {
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
  calls::v1::Hangup hangup;
};

// What a status is told with. Legs are in lower case and empty where they were not tried; a call to a flow has none.
struct LegStatuses {
  std::string_view first;   // the number that was dialled first
  std::string_view second;  // the number that it was connected to
  calls::v1::AnsweredBy answered_by = calls::v1::ANSWERED_BY_UNSPECIFIED;
};

// The end that a status and its legs tell. A word that is not known is a failure of the provider.
MappedEnd MapEnd(std::string_view status, const LegStatuses& legs);

// How a flow ended, by the applet's CallType and DialCallStatus; nothing when it goes on (call-attempt). `at_end`: the
// applet is the flow's last.
std::optional<MappedEnd> MapFlowEnd(std::string_view call_type, std::string_view dial_call_status, bool inbound,
                                    bool at_end);

// A leg that a flow dialled; unspecified for a word that is not known.
calls::v1::CallStatus MapDialedLeg(std::string_view status);

// The cause of a leg (Legs[n][Cause]): Q.850 below 128, and Exotel's own 1003.
calls::v1::HangupCause MapLegCause(int cause);

// Human, Machine, NotSure, NA, in any case.
calls::v1::AnsweredBy MapAnsweredBy(std::string_view word);
calls::v1::CallDirection MapDirection(std::string_view word);

// Of a call that ended as failed.
calls::v1::CallError ErrorOfFailedCall(const calls::v1::Hangup& hangup, std::string_view provider_status);

}  // namespace trunkline::providers::exotel
