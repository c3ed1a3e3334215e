#include "libs/providers/exotel/status_mapping.h"

#include <array>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::providers::exotel {
namespace {

using calls::v1::AnsweredBy;
using calls::v1::CallStatus;
using calls::v1::HangupCause;
using calls::v1::HangupSource;

// Stands for any leg.
constexpr std::string_view kAny = "*";

struct EndRow {
  std::string_view status;
  std::string_view first_leg;
  std::string_view second_leg;
  bool machine_only;
  CallStatus end;
  HangupCause cause;
  HangupSource source;
};

// The first row that fits counts. Exotel never says who hung up: the source is the system's unless the words imply
// another.
constexpr std::array<EndRow, 7> kEnds = {{
    {"completed", kAny, kAny, true, calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_MACHINE_DETECTED,
     calls::v1::HANGUP_SOURCE_SYSTEM},
    {"completed", kAny, kAny, false, calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_USER_HANGUP,
     calls::v1::HANGUP_SOURCE_SYSTEM},
    {"no-answer", "completed", "canceled", false, calls::v1::CALL_STATUS_CANCELED, calls::v1::HANGUP_CAUSE_USER_HANGUP,
     calls::v1::HANGUP_SOURCE_CALLER},
    {"no-answer", kAny, kAny, false, calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT,
     calls::v1::HANGUP_SOURCE_CALLEE},
    {"busy", kAny, kAny, false, calls::v1::CALL_STATUS_BUSY, calls::v1::HANGUP_CAUSE_BUSY,
     calls::v1::HANGUP_SOURCE_CALLEE},
    {"failed", kAny, kAny, false, calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_UNREACHABLE,
     calls::v1::HANGUP_SOURCE_SYSTEM},
    {"canceled", kAny, kAny, false, calls::v1::CALL_STATUS_CANCELED, calls::v1::HANGUP_CAUSE_USER_HANGUP,
     calls::v1::HANGUP_SOURCE_CALLER},
}};

// How a flow ended.
struct FlowRow {
  std::string_view call_type;
  std::string_view dial_call_status;
  CallStatus inbound;
  CallStatus outbound;
  HangupCause cause;
  HangupSource source;
};

constexpr std::array<FlowRow, 8> kFlowEnds = {{
    {"completed", kAny, calls::v1::CALL_STATUS_COMPLETED, calls::v1::CALL_STATUS_COMPLETED,
     calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_SYSTEM},
    {"client-hangup", kAny, calls::v1::CALL_STATUS_ABANDONED, calls::v1::CALL_STATUS_CANCELED,
     calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_CALLER},
    {"incomplete", "busy", calls::v1::CALL_STATUS_MISSED, calls::v1::CALL_STATUS_BUSY, calls::v1::HANGUP_CAUSE_BUSY,
     calls::v1::HANGUP_SOURCE_CALLEE},
    {"incomplete", "failed", calls::v1::CALL_STATUS_MISSED, calls::v1::CALL_STATUS_FAILED,
     calls::v1::HANGUP_CAUSE_UNREACHABLE, calls::v1::HANGUP_SOURCE_SYSTEM},
    {"incomplete", "canceled", calls::v1::CALL_STATUS_MISSED, calls::v1::CALL_STATUS_CANCELED,
     calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_CALLER},
    {"incomplete", kAny, calls::v1::CALL_STATUS_MISSED, calls::v1::CALL_STATUS_NO_ANSWER,
     calls::v1::HANGUP_CAUSE_TIMEOUT, calls::v1::HANGUP_SOURCE_CALLEE},
    {"voicemail", kAny, calls::v1::CALL_STATUS_MISSED, calls::v1::CALL_STATUS_NO_ANSWER,
     calls::v1::HANGUP_CAUSE_TIMEOUT, calls::v1::HANGUP_SOURCE_CALLEE},
    // Only at the end of the flow: nobody but the flow ever talked to the caller. Who was called took the call.
    {"call-attempt", kAny, calls::v1::CALL_STATUS_ABANDONED, calls::v1::CALL_STATUS_COMPLETED,
     calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_CALLER},
}};

// ITU-T Q.850, as far as it says something of why a call ended; and Exotel's extension.
constexpr std::array<std::pair<int, HangupCause>, 22> kLegCauses = {{
    {1, calls::v1::HANGUP_CAUSE_INVALID_NUMBER},
    {2, calls::v1::HANGUP_CAUSE_UNREACHABLE},
    {3, calls::v1::HANGUP_CAUSE_UNREACHABLE},
    {16, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {17, calls::v1::HANGUP_CAUSE_BUSY},
    {18, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {19, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {20, calls::v1::HANGUP_CAUSE_UNREACHABLE},
    {21, calls::v1::HANGUP_CAUSE_REJECTED},
    {22, calls::v1::HANGUP_CAUSE_INVALID_NUMBER},
    {26, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {27, calls::v1::HANGUP_CAUSE_UNREACHABLE},
    {28, calls::v1::HANGUP_CAUSE_INVALID_NUMBER},
    {31, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {34, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR},
    {38, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR},
    {41, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR},
    {42, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR},
    {88, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR},
    {102, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {127, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR},
    {1003, calls::v1::HANGUP_CAUSE_TIMEOUT},
}};

bool Fits(std::string_view pattern, std::string_view word) { return pattern == kAny || pattern == word; }

MappedEnd MakeEnd(CallStatus status, HangupCause cause, HangupSource source) {
  MappedEnd end;
  end.status = status;
  end.hangup.set_cause(cause);
  end.hangup.set_source(source);
  return end;
}

}  // namespace

MappedEnd MapEnd(std::string_view status, const LegStatuses& legs) {
  for (const EndRow& row : kEnds) {
    if (row.status != status || !Fits(row.first_leg, legs.first) || !Fits(row.second_leg, legs.second)) continue;
    if (row.machine_only && legs.answered_by != calls::v1::ANSWERED_BY_MACHINE) continue;
    return MakeEnd(row.end, row.cause, row.source);
  }
  return MakeEnd(calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
                 calls::v1::HANGUP_SOURCE_SYSTEM);
}

std::optional<MappedEnd> MapFlowEnd(std::string_view call_type, std::string_view dial_call_status, bool inbound,
                                    bool at_end) {
  if (call_type == "call-attempt" && !at_end) return std::nullopt;
  for (const FlowRow& row : kFlowEnds) {
    if (row.call_type != call_type || !Fits(row.dial_call_status, dial_call_status)) continue;
    return MakeEnd(inbound ? row.inbound : row.outbound, row.cause, row.source);
  }
  return std::nullopt;
}

calls::v1::CallStatus MapDialedLeg(std::string_view status) {
  constexpr std::array<std::pair<std::string_view, CallStatus>, 5> kWords = {{
      {"completed", calls::v1::CALL_STATUS_COMPLETED},
      {"busy", calls::v1::CALL_STATUS_BUSY},
      {"no-answer", calls::v1::CALL_STATUS_NO_ANSWER},
      {"failed", calls::v1::CALL_STATUS_FAILED},
      {"canceled", calls::v1::CALL_STATUS_CANCELED},
  }};
  for (const auto& [word, mapped] : kWords) {
    if (word == status) return mapped;
  }
  return calls::v1::CALL_STATUS_UNSPECIFIED;
}

calls::v1::HangupCause MapLegCause(int cause) {
  for (const auto& [number, mapped] : kLegCauses) {
    if (number == cause) return mapped;
  }
  return calls::v1::HANGUP_CAUSE_PROVIDER_ERROR;
}

calls::v1::AnsweredBy MapAnsweredBy(std::string_view word) {
  if (EqualsIgnoreCase(word, "human")) return calls::v1::ANSWERED_BY_HUMAN;
  if (EqualsIgnoreCase(word, "machine")) return calls::v1::ANSWERED_BY_MACHINE;
  if (EqualsIgnoreCase(word, "notsure")) return calls::v1::ANSWERED_BY_UNKNOWN;
  return calls::v1::ANSWERED_BY_UNSPECIFIED;
}

calls::v1::CallDirection MapDirection(std::string_view word) {
  if (word == "incoming" || word == "inbound") return calls::v1::CALL_DIRECTION_INBOUND;
  if (word.starts_with("outbound") || word == "Outgoing") return calls::v1::CALL_DIRECTION_OUTBOUND;
  return calls::v1::CALL_DIRECTION_UNSPECIFIED;
}

calls::v1::CallError ErrorOfFailedCall(const calls::v1::Hangup& hangup, std::string_view provider_status) {
  calls::v1::CallError error;
  error.set_code(calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
  error.set_message(hangup.cause() == calls::v1::HANGUP_CAUSE_UNREACHABLE ? "the number cannot be reached now"
                                                                          : "the provider could not carry the call");
  error.set_provider_code(ToStorableText(provider_status));
  error.set_retryable(true);
  return error;
}

}  // namespace trunkline::providers::exotel
