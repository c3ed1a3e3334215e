// Twilio's words for how a call stands, in Trunkline's terms (https://www.twilio.com/docs/voice/api/call-resource,
// "Call status values"). Twilio publishes no table of causes; this one is ours.
#pragma once

#include <optional>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers::twilio {

// What is told beside a CallStatus and decides what it means.
struct StatusContext {
  bool inbound = false;
  bool child_leg = false;     // dialled by another call's plan
  int sip_response_code = 0;  // 0 when none was told
  int error_code = 0;
};

struct MappedStatus {
  events::v1::CallEventType type = events::v1::CALL_EVENT_TYPE_UNSPECIFIED;
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
  calls::v1::Hangup hangup;  // of an ended call
};

// CallStatus of webhooks and `status` of the REST API; nothing for a word that is not known.
std::optional<MappedStatus> MapCallStatus(std::string_view status, const StatusContext& context);

// DialCallStatus: how a leg that was dialled ended; unspecified for a word that is not known.
calls::v1::CallStatus MapDialedLegStatus(std::string_view status);

// AnsweredBy; unspecified when empty, unknown for a word that is not known.
calls::v1::AnsweredBy MapAnsweredBy(std::string_view answered_by);

// RecordingStatus; unspecified for a word that is not known.
calls::v1::RecordingStatus MapRecordingStatus(std::string_view status);

// Direction; a Voice SDK device that places a call is inbound to Twilio.
calls::v1::CallDirection MapDirection(std::string_view direction);

}  // namespace trunkline::providers::twilio
