#include "libs/telephony/call_status.h"

#include <google/protobuf/descriptor.h>

#include <vector>

#include "libs/base/text.h"

namespace trunkline::telephony {
namespace {

using calls::v1::CallStatus;

// The enum's own names without their prefix, in lower case, so that the names of proto, SQL and JSON cannot part.
// Worked out once: every row has some. A number that this version does not know yet is "unknown", like the zero.
template <typename Enum>
const std::string& ShortName(Enum value, std::string_view prefix) {
  static const std::vector<std::string> names = [prefix] {
    const google::protobuf::EnumDescriptor* descriptor = google::protobuf::GetEnumDescriptor<Enum>();
    std::vector<std::string> all;
    for (int i = 0; i < descriptor->value_count(); ++i) {
      const google::protobuf::EnumValueDescriptor* named = descriptor->value(i);
      const auto number = static_cast<size_t>(named->number());
      if (all.size() <= number) all.resize(number + 1, "unknown");
      if (number > 0) all[number] = Lower(std::string_view(named->name()).substr(prefix.size()));
    }
    return all;
  }();
  const auto number = static_cast<size_t>(value);
  return number < names.size() ? names[number] : names[0];
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

std::string NameOf(CallStatus status) { return ShortName(status, "CALL_STATUS_"); }
std::string NameOf(calls::v1::CallDirection direction) { return ShortName(direction, "CALL_DIRECTION_"); }
std::string NameOf(calls::v1::HangupCause cause) { return ShortName(cause, "HANGUP_CAUSE_"); }
std::string NameOf(calls::v1::HangupSource source) { return ShortName(source, "HANGUP_SOURCE_"); }
std::string NameOf(calls::v1::CallErrorCode code) { return ShortName(code, "CALL_ERROR_CODE_"); }
std::string NameOf(events::v1::CallEventType type) { return ShortName(type, "CALL_EVENT_TYPE_"); }
std::string NameOf(events::v1::EventSource source) { return ShortName(source, "EVENT_SOURCE_"); }

}  // namespace trunkline::telephony
