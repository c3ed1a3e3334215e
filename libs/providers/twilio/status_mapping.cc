#include "libs/providers/twilio/status_mapping.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/providers/twilio/errors.h"
#include "libs/telephony/sip_response.h"

namespace trunkline::providers::twilio {
namespace {

using calls::v1::Hangup;
using calls::v1::HangupCause;
using calls::v1::HangupSource;
using events::v1::CallEventType;

// The table of a word to its meaning, looked up from the front.
template <typename Value, size_t kSize>
using Words = std::array<std::pair<std::string_view, Value>, kSize>;

template <typename Value, size_t kSize>
std::optional<Value> Find(const Words<Value, kSize>& words, std::string_view word) {
  for (const auto& [name, value] : words) {
    if (name == word) return value;
  }
  return std::nullopt;
}

struct Live {
  CallEventType type;
  calls::v1::CallStatus status;
};

constexpr Words<Live, 4> kLive = {{
    {"queued", {events::v1::CALL_EVENT_TYPE_QUEUED, calls::v1::CALL_STATUS_QUEUED}},
    {"initiated", {events::v1::CALL_EVENT_TYPE_INITIATED, calls::v1::CALL_STATUS_INITIATED}},
    {"ringing", {events::v1::CALL_EVENT_TYPE_RINGING, calls::v1::CALL_STATUS_RINGING}},
    {"in-progress", {events::v1::CALL_EVENT_TYPE_ANSWERED, calls::v1::CALL_STATUS_ANSWERED}},
}};

constexpr Words<calls::v1::CallStatus, 6> kDialedLeg = {{
    {"completed", calls::v1::CALL_STATUS_COMPLETED},
    {"answered", calls::v1::CALL_STATUS_COMPLETED},
    {"busy", calls::v1::CALL_STATUS_BUSY},
    {"no-answer", calls::v1::CALL_STATUS_NO_ANSWER},
    {"failed", calls::v1::CALL_STATUS_FAILED},
    {"canceled", calls::v1::CALL_STATUS_CANCELED},
}};

constexpr Words<calls::v1::AnsweredBy, 7> kAnsweredBy = {{
    {"human", calls::v1::ANSWERED_BY_HUMAN},
    {"machine_start", calls::v1::ANSWERED_BY_MACHINE},
    {"machine_end_beep", calls::v1::ANSWERED_BY_MACHINE},
    {"machine_end_silence", calls::v1::ANSWERED_BY_MACHINE},
    {"machine_end_other", calls::v1::ANSWERED_BY_MACHINE},
    {"fax", calls::v1::ANSWERED_BY_FAX},
    {"unknown", calls::v1::ANSWERED_BY_UNKNOWN},
}};

constexpr Words<calls::v1::RecordingStatus, 8> kRecording = {{
    {"in-progress", calls::v1::RECORDING_STATUS_IN_PROGRESS},
    {"paused", calls::v1::RECORDING_STATUS_IN_PROGRESS},
    {"stopped", calls::v1::RECORDING_STATUS_PROCESSING},
    {"processing", calls::v1::RECORDING_STATUS_PROCESSING},
    {"completed", calls::v1::RECORDING_STATUS_READY},
    {"absent", calls::v1::RECORDING_STATUS_ABSENT},
    {"failed", calls::v1::RECORDING_STATUS_ABSENT},
    {"deleted", calls::v1::RECORDING_STATUS_ABSENT},
}};

constexpr Words<calls::v1::CallDirection, 5> kDirections = {{
    {"inbound", calls::v1::CALL_DIRECTION_INBOUND},
    {"outbound-api", calls::v1::CALL_DIRECTION_OUTBOUND},
    {"outbound-dial", calls::v1::CALL_DIRECTION_OUTBOUND},
    // Named from the trunk's side: it originates what comes in from the public network.
    {"trunking-originating", calls::v1::CALL_DIRECTION_INBOUND},
    {"trunking-terminating", calls::v1::CALL_DIRECTION_OUTBOUND},
}};

Hangup MakeHangup(HangupCause cause, HangupSource source) {
  Hangup hangup;
  hangup.set_cause(cause);
  hangup.set_source(source);
  return hangup;
}

// What the SIP response says, if it is one of the causes that go with the status; else `otherwise`.
Hangup BySipResponse(int code, std::initializer_list<HangupCause> fitting, const Hangup& otherwise) {
  Hangup hangup = telephony::HangupOfSipResponse(code);
  const bool fits = std::find(fitting.begin(), fitting.end(), hangup.cause()) != fitting.end();
  return fits ? hangup : otherwise;
}

Hangup OfFailure(const StatusContext& context) {
  Hangup by_error = HangupOfErrorCode(context.error_code);
  if (by_error.cause() != calls::v1::HANGUP_CAUSE_UNSPECIFIED) return by_error;
  Hangup by_response = telephony::HangupOfSipResponse(context.sip_response_code);
  if (by_response.cause() != calls::v1::HANGUP_CAUSE_UNSPECIFIED) return by_response;
  return MakeHangup(calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, calls::v1::HANGUP_SOURCE_SYSTEM);
}

MappedStatus Ended(calls::v1::CallStatus status, Hangup hangup) {
  return {events::v1::CALL_EVENT_TYPE_ENDED, status, std::move(hangup)};
}

}  // namespace

std::optional<MappedStatus> MapCallStatus(std::string_view status, const StatusContext& context) {
  if (const std::optional<Live> live = Find(kLive, status); live.has_value()) {
    return MappedStatus{live->type, live->status, Hangup()};
  }
  const Hangup timeout = MakeHangup(calls::v1::HANGUP_CAUSE_TIMEOUT, calls::v1::HANGUP_SOURCE_SYSTEM);
  if (status == "completed") {
    // No webhook says who hung up.
    return Ended(calls::v1::CALL_STATUS_COMPLETED,
                 MakeHangup(calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_UNSPECIFIED));
  }
  if (status == "busy") {
    return Ended(calls::v1::CALL_STATUS_BUSY,
                 BySipResponse(context.sip_response_code, {calls::v1::HANGUP_CAUSE_REJECTED},
                               MakeHangup(calls::v1::HANGUP_CAUSE_BUSY, calls::v1::HANGUP_SOURCE_CALLEE)));
  }
  if (status == "no-answer") {
    if (context.inbound) return Ended(calls::v1::CALL_STATUS_MISSED, timeout);
    return Ended(calls::v1::CALL_STATUS_NO_ANSWER,
                 BySipResponse(context.sip_response_code,
                               {calls::v1::HANGUP_CAUSE_UNREACHABLE, calls::v1::HANGUP_CAUSE_REJECTED}, timeout));
  }
  if (status == "failed") return Ended(calls::v1::CALL_STATUS_FAILED, OfFailure(context));
  if (status == "canceled") {
    const Hangup gave_up = MakeHangup(calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_CALLER);
    if (context.child_leg) return Ended(calls::v1::CALL_STATUS_CANCELED, gave_up);
    if (context.inbound) return Ended(calls::v1::CALL_STATUS_ABANDONED, gave_up);
    return Ended(calls::v1::CALL_STATUS_CANCELED,
                 MakeHangup(calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP, calls::v1::HANGUP_SOURCE_SYSTEM));
  }
  return std::nullopt;
}

calls::v1::CallStatus MapDialedLegStatus(std::string_view status) {
  return Find(kDialedLeg, status).value_or(calls::v1::CALL_STATUS_UNSPECIFIED);
}

calls::v1::AnsweredBy MapAnsweredBy(std::string_view answered_by) {
  if (answered_by.empty()) return calls::v1::ANSWERED_BY_UNSPECIFIED;
  return Find(kAnsweredBy, answered_by).value_or(calls::v1::ANSWERED_BY_UNKNOWN);
}

calls::v1::RecordingStatus MapRecordingStatus(std::string_view status) {
  return Find(kRecording, status).value_or(calls::v1::RECORDING_STATUS_UNSPECIFIED);
}

calls::v1::CallDirection MapDirection(std::string_view direction) {
  return Find(kDirections, direction).value_or(calls::v1::CALL_DIRECTION_UNSPECIFIED);
}

}  // namespace trunkline::providers::twilio
