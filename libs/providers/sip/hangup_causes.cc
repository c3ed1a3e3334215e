#include "libs/providers/sip/hangup_causes.h"

#include <string>

namespace trunkline::providers::sip {
namespace {

using calls::v1::CallStatus;
using calls::v1::HangupCause;
using calls::v1::HangupSource;

struct Row {
  int code;
  CallStatus status;
  HangupCause cause;
};

constexpr CallStatus kFailed = calls::v1::CALL_STATUS_FAILED;
constexpr CallStatus kBusy = calls::v1::CALL_STATUS_BUSY;
constexpr CallStatus kNoAnswer = calls::v1::CALL_STATUS_NO_ANSWER;
constexpr CallStatus kCanceled = calls::v1::CALL_STATUS_CANCELED;
constexpr HangupCause kUser = calls::v1::HANGUP_CAUSE_USER_HANGUP;
constexpr HangupCause kSystem = calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP;
constexpr HangupCause kBusyCause = calls::v1::HANGUP_CAUSE_BUSY;
constexpr HangupCause kTimeout = calls::v1::HANGUP_CAUSE_TIMEOUT;
constexpr HangupCause kRejected = calls::v1::HANGUP_CAUSE_REJECTED;
constexpr HangupCause kInvalidNumber = calls::v1::HANGUP_CAUSE_INVALID_NUMBER;
constexpr HangupCause kUnreachable = calls::v1::HANGUP_CAUSE_UNREACHABLE;

// Everything that is not failed by the provider's error.
constexpr Row kCauses[] = {
    {0, kFailed, kSystem},          // Not set / unknown
    {1, kFailed, kInvalidNumber},   // Unallocated (unassigned) number
    {2, kFailed, kUnreachable},     // No route to specified transit network
    {3, kFailed, kUnreachable},     // No route to destination
    {4, kFailed, kUnreachable},     // Send special information tone
    {5, kFailed, kInvalidNumber},   // Misdialled trunk prefix
    {14, kFailed, kInvalidNumber},  // Query on release: ported number
    {16, kCanceled, kUser},         // Normal call clearing
    {17, kBusy, kBusyCause},        // User busy
    {18, kNoAnswer, kTimeout},      // No user responding
    {19, kNoAnswer, kTimeout},      // User alerted, no answer
    {20, kFailed, kUnreachable},    // Subscriber absent
    {21, kFailed, kRejected},       // Call rejected
    {22, kFailed, kInvalidNumber},  // Number changed
    {23, kCanceled, kSystem},       // Redirection to new destination
    {24, kFailed, kRejected},       // Rejected by a feature at the destination
    {26, kCanceled, kSystem},       // Non-selected user clearing (answered elsewhere)
    {27, kFailed, kUnreachable},    // Destination out of order
    {28, kFailed, kInvalidNumber},  // Invalid number format (address incomplete)
    {29, kFailed, kRejected},       // Facility rejected
    {52, kFailed, kRejected},       // (Asterisk) Outgoing call barred
    {53, kFailed, kRejected},       // Outgoing calls barred within closed user group
    {54, kFailed, kRejected},       // (Asterisk) Incoming call barred
    {55, kFailed, kRejected},       // Incoming calls barred within closed user group
    {57, kFailed, kRejected},       // Bearer capability not authorized
    {87, kFailed, kRejected},       // User not member of closed user group
    {102, kFailed, kTimeout},       // Recovery on timer expiry
};

constexpr Row kSipResponses[] = {
    {302, kCanceled, kSystem},       // Moved Temporarily
    {402, kFailed, kRejected},       // Payment Required
    {403, kFailed, kRejected},       // Forbidden
    {404, kFailed, kInvalidNumber},  // Not Found
    {408, kFailed, kUnreachable},    // Request Timeout
    {410, kFailed, kInvalidNumber},  // Gone
    {480, kNoAnswer, kUnreachable},  // Temporarily Unavailable
    {483, kFailed, kUnreachable},    // Too Many Hops
    {484, kFailed, kInvalidNumber},  // Address Incomplete
    {485, kFailed, kInvalidNumber},  // Ambiguous
    {486, kBusy, kBusyCause},        // Busy Here
    {487, kCanceled, kUser},         // Request Terminated
    {504, kFailed, kTimeout},        // Server Time-out
    {600, kBusy, kBusyCause},        // Busy Everywhere
    {603, kFailed, kRejected},       // Decline
    {604, kFailed, kInvalidNumber},  // Does Not Exist Anywhere
};

template <size_t kSize>
CauseMeaning FindCause(const Row (&rows)[kSize], int code) {
  for (const Row& row : rows) {
    if (row.code == code) return {row.status, row.cause};
  }
  return {};
}

constexpr int kNormalClearing = 16;
constexpr int kNormalUnspecified = 31;
constexpr int kNotSet = 0;
constexpr int kUserBusy = 17;
constexpr int kNoResponse = 18;
constexpr int kNobodyAnswered = 19;
constexpr int kTemporarilyUnavailable = 480;

CallEnd MakeEnd(CallStatus status, HangupCause cause, HangupSource source) {
  CallEnd end;
  end.status = status;
  end.hangup.set_cause(cause);
  end.hangup.set_source(source);
  return end;
}

// The same cause however the call goes: an agent who was busy is a missed call for the business.
CallEnd NotTaken(const EndFacts& facts, CallStatus outbound, HangupCause cause, HangupSource source) {
  return MakeEnd(facts.inbound ? calls::v1::CALL_STATUS_MISSED : outbound, cause, source);
}

CallEnd EndOfAnswered(const EndFacts& facts) {
  if (facts.asked_by != calls::v1::HANGUP_SOURCE_SYSTEM) {
    return MakeEnd(calls::v1::CALL_STATUS_COMPLETED, kUser, facts.asked_by);
  }
  const bool normal = facts.cause == kNormalClearing || facts.cause == kNormalUnspecified || facts.cause == kNotSet;
  return MakeEnd(calls::v1::CALL_STATUS_COMPLETED, normal ? kSystem : MeaningOfCause(facts.cause).cause,
                 calls::v1::HANGUP_SOURCE_SYSTEM);
}

}  // namespace

CauseMeaning MeaningOfCause(int q850) { return FindCause(kCauses, q850); }
CauseMeaning MeaningOfSipResponse(int code) { return FindCause(kSipResponses, code); }

CallEnd EndOf(const EndFacts& facts) {
  const HangupSource system = calls::v1::HANGUP_SOURCE_SYSTEM;
  const HangupSource caller = calls::v1::HANGUP_SOURCE_CALLER;
  const HangupSource callee = calls::v1::HANGUP_SOURCE_CALLEE;
  if (facts.answered) return EndOfAnswered(facts);
  const CallStatus given_up = facts.inbound ? calls::v1::CALL_STATUS_ABANDONED : kCanceled;
  if (facts.abandoned || (facts.canceled && facts.asked_by == caller)) return MakeEnd(given_up, kUser, caller);
  if (facts.busy || facts.cause == kUserBusy) return NotTaken(facts, kBusy, kBusyCause, callee);
  // The called side's own words. 480 is what an exchange says of a phone that cannot be reached, and of one that rang
  // for nothing.
  if (facts.sip_response == kTemporarilyUnavailable) {
    return NotTaken(facts, kNoAnswer, facts.rang ? kTimeout : kUnreachable, callee);
  }
  // "Not answered" is said of numbers that do not exist too; only these causes mean it.
  const bool unanswered_cause = facts.cause == kNotSet || facts.cause == kNormalClearing ||
                                facts.cause == kNoResponse || facts.cause == kNobodyAnswered;
  if (facts.cause == kNoResponse || facts.cause == kNobodyAnswered || (facts.no_answer && unanswered_cause)) {
    return NotTaken(facts, kNoAnswer, kTimeout, callee);
  }
  const CauseMeaning meaning =
      facts.sip_response != 0 ? MeaningOfSipResponse(facts.sip_response) : MeaningOfCause(facts.cause);
  if (meaning.status == kCanceled) {
    // Nobody asked for it: the exchange did, by its dialplan or for Trunkline.
    if (facts.asked_by == system) return MakeEnd(given_up, kSystem, system);
    return MakeEnd(given_up, kUser, facts.asked_by);
  }
  return MakeEnd(facts.inbound && facts.dialed ? calls::v1::CALL_STATUS_MISSED : meaning.status, meaning.cause, system);
}

calls::v1::CallError ErrorOfEnd(const CallEnd& end, int cause, int sip_response) {
  calls::v1::CallError error;
  if (end.status != kFailed) return error;
  error.set_provider_code(std::to_string(sip_response != 0 ? sip_response : cause));
  switch (end.hangup.cause()) {
    case kInvalidNumber:
      error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
      error.set_message("the number does not exist");
      break;
    case kRejected:
      error.set_code(calls::v1::CALL_ERROR_CODE_REJECTED);
      error.set_message("the call was refused");
      break;
    case kTimeout:
      error.set_code(calls::v1::CALL_ERROR_CODE_TIMEOUT);
      error.set_message("a network on the way did not answer in time");
      error.set_retryable(true);
      break;
    case kUnreachable:
      error.set_code(calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
      error.set_message("the called side cannot be reached");
      error.set_retryable(true);
      break;
    default:
      error.set_code(calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
      error.set_message("the exchange or its trunk could not carry the call");
      error.set_retryable(true);
      break;
  }
  return error;
}

}  // namespace trunkline::providers::sip
