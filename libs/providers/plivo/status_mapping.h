// Plivo's words for how a call stands, in Trunkline's terms (https://www.plivo.com/docs/voice/api/call).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers::plivo {

struct MappedStatus {
  events::v1::CallEventType type = events::v1::CALL_EVENT_TYPE_UNSPECIFIED;
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
  calls::v1::Hangup hangup;    // of an ended call
  calls::v1::CallError error;  // of a failed one
};

// All that is told of the end of a call.
struct CallEnd {
  std::string_view status;  // CallStatus; empty in call detail records
  bool inbound = false;
  bool dialed_leg = false;  // dialled by another call's plan
  bool answered = false;    // talked for at least a second
  std::string_view code;    // HangupCauseCode
  std::string_view name;    // HangupCauseName
  std::string_view word;    // HangupCause
  std::string_view source;  // HangupSource
};

// The word for a call in progress; nothing for any other.
std::optional<MappedStatus> MapLiveStatus(std::string_view status);

MappedStatus MapCallEnd(const CallEnd& end);

calls::v1::HangupSource MapHangupSource(std::string_view source);

// DialStatus: how the legs of a <Dial> ended; unspecified for a word that is not known.
calls::v1::CallStatus MapDialStatus(std::string_view status);

calls::v1::CallDirection MapDirection(std::string_view direction);

}  // namespace trunkline::providers::plivo
