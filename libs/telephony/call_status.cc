#include "libs/telephony/call_status.h"

#include "libs/base/text.h"

namespace trunkline::telephony {
namespace {

using calls::v1::CallStatus;

// The enum's own name without its prefix, in lower case, so that the names of proto, SQL and JSON cannot part.
std::string ShortName(const std::string& full, std::string_view prefix) {
  const std::string name = Lower(std::string_view(full).substr(prefix.size()));
  return name == "unspecified" ? "unknown" : name;
}

}  // namespace

bool IsEnded(CallStatus status) {
  switch (status) {
    case calls::v1::CALL_STATUS_COMPLETED:
    case calls::v1::CALL_STATUS_MISSED:
    case calls::v1::CALL_STATUS_ABANDONED:
    case calls::v1::CALL_STATUS_BUSY:
    case calls::v1::CALL_STATUS_NO_ANSWER:
    case calls::v1::CALL_STATUS_CANCELED:
    case calls::v1::CALL_STATUS_FAILED:
      return true;
    default:
      return false;
  }
}

uint32_t PhaseOf(CallStatus status, events::v1::CallEventType type) {
  if (IsEnded(status)) return 3;
  switch (status) {
    case calls::v1::CALL_STATUS_ANSWERED:
    case calls::v1::CALL_STATUS_ON_HOLD:
    case calls::v1::CALL_STATUS_TRANSFERRED:
      return 2;
    case calls::v1::CALL_STATUS_QUEUED:
      return type == events::v1::CALL_EVENT_TYPE_ENQUEUED ? 2 : 0;
    case calls::v1::CALL_STATUS_RINGING:
      return 1;
    default:
      return 0;
  }
}

std::string NameOf(CallStatus status) { return ShortName(calls::v1::CallStatus_Name(status), "CALL_STATUS_"); }
std::string NameOf(calls::v1::CallDirection direction) {
  return ShortName(calls::v1::CallDirection_Name(direction), "CALL_DIRECTION_");
}
std::string NameOf(calls::v1::HangupCause cause) {
  return ShortName(calls::v1::HangupCause_Name(cause), "HANGUP_CAUSE_");
}
std::string NameOf(calls::v1::HangupSource source) {
  return ShortName(calls::v1::HangupSource_Name(source), "HANGUP_SOURCE_");
}
std::string NameOf(calls::v1::CallErrorCode code) {
  return ShortName(calls::v1::CallErrorCode_Name(code), "CALL_ERROR_CODE_");
}
std::string NameOf(events::v1::CallEventType type) {
  return ShortName(events::v1::CallEventType_Name(type), "CALL_EVENT_TYPE_");
}
std::string NameOf(events::v1::EventSource source) {
  return ShortName(events::v1::EventSource_Name(source), "EVENT_SOURCE_");
}

}  // namespace trunkline::telephony
