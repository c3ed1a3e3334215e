#include "services/campaign-scheduler/rules/disposition.h"

#include "libs/base/text.h"
#include "libs/telephony/call_status.h"

namespace trunkline::scheduler {
namespace {

constexpr std::string_view kDispositionPrefix = "DISPOSITION_";

// Of a call that was answered.
v1::Disposition OfAnswered(const calls::v1::CallRecord& call) {
  const calls::v1::CallDetails& details = call.details();
  if (details.answered_by() == calls::v1::ANSWERED_BY_MACHINE || details.answered_by() == calls::v1::ANSWERED_BY_FAX ||
      call.hangup().cause() == calls::v1::HANGUP_CAUSE_MACHINE_DETECTED) {
    return v1::DISPOSITION_MACHINE;
  }
  // The person was to talk to somebody, and nobody came.
  const bool asked_for_somebody = details.waited_in_queue() || telephony::IsEnded(details.dialed_leg_status());
  const bool leg_completed = details.dialed_leg_status() == calls::v1::CALL_STATUS_COMPLETED;
  if (asked_for_somebody && !details.bridged() && !leg_completed) return v1::DISPOSITION_ABANDONED;
  return v1::DISPOSITION_CONNECTED;
}

// Of a call that could not be carried out, or was refused.
v1::Disposition OfCause(calls::v1::HangupCause cause, v1::Disposition otherwise) {
  switch (cause) {
    case calls::v1::HANGUP_CAUSE_BUSY:
      return v1::DISPOSITION_BUSY;
    case calls::v1::HANGUP_CAUSE_TIMEOUT:
      return v1::DISPOSITION_NO_ANSWER;
    case calls::v1::HANGUP_CAUSE_REJECTED:
      return v1::DISPOSITION_REJECTED;
    case calls::v1::HANGUP_CAUSE_INVALID_NUMBER:
      return v1::DISPOSITION_INVALID_NUMBER;
    case calls::v1::HANGUP_CAUSE_UNREACHABLE:
      return v1::DISPOSITION_UNREACHABLE;
    case calls::v1::HANGUP_CAUSE_MACHINE_DETECTED:
      return v1::DISPOSITION_MACHINE;
    default:
      return otherwise;
  }
}

v1::Disposition OfError(calls::v1::CallErrorCode code) {
  switch (code) {
    case calls::v1::CALL_ERROR_CODE_INVALID_NUMBER:
      return v1::DISPOSITION_INVALID_NUMBER;
    case calls::v1::CALL_ERROR_CODE_REJECTED:
      return v1::DISPOSITION_REJECTED;
    default:
      return v1::DISPOSITION_FAILED;
  }
}

}  // namespace

v1::Disposition DispositionOf(const calls::v1::CallRecord& call) {
  switch (call.status()) {
    case calls::v1::CALL_STATUS_COMPLETED:
      return OfAnswered(call);
    case calls::v1::CALL_STATUS_BUSY:
      return v1::DISPOSITION_BUSY;
    case calls::v1::CALL_STATUS_NO_ANSWER:
    case calls::v1::CALL_STATUS_MISSED:
      return OfCause(call.hangup().cause(), v1::DISPOSITION_NO_ANSWER);
    case calls::v1::CALL_STATUS_CANCELED:
    case calls::v1::CALL_STATUS_ABANDONED:
      return v1::DISPOSITION_CANCELED;
    case calls::v1::CALL_STATUS_FAILED:
      return OfCause(call.hangup().cause(), OfError(call.error().code()));
    default:
      return v1::DISPOSITION_UNSPECIFIED;
  }
}

v1::Disposition UnderPolicy(v1::Disposition disposition, v1::MachinePolicy policy) {
  const bool listens = policy != v1::MACHINE_POLICY_UNSPECIFIED;
  return disposition == v1::DISPOSITION_MACHINE && !listens ? v1::DISPOSITION_CONNECTED : disposition;
}

bool IsFailure(v1::Disposition disposition) {
  return disposition == v1::DISPOSITION_FAILED || disposition == v1::DISPOSITION_REJECTED ||
         disposition == v1::DISPOSITION_INVALID_NUMBER || disposition == v1::DISPOSITION_UNREACHABLE ||
         disposition == v1::DISPOSITION_WARM_UP_FAILED;
}

bool IsUndialed(v1::Disposition disposition) {
  return disposition == v1::DISPOSITION_NOT_DIALED || disposition == v1::DISPOSITION_WARM_UP_FAILED;
}

std::string DispositionName(v1::Disposition disposition) {
  if (disposition == v1::DISPOSITION_UNSPECIFIED || !v1::Disposition_IsValid(disposition)) return "";
  return Lower(std::string_view(v1::Disposition_Name(disposition)).substr(kDispositionPrefix.size()));
}

}  // namespace trunkline::scheduler
