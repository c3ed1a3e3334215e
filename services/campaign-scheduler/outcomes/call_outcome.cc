#include "services/campaign-scheduler/outcomes/call_outcome.h"

#include "libs/base/ids.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/disposition.h"

namespace trunkline::scheduler {
namespace {

bool IsOfAttempt(const events::v1::CallEvent& event) {
  const calls::v1::CallDetails& details = event.call().details();
  return IsUuid(details.attempt_id()) && IsUuid(event.business_id()) && IsUuid(event.call_id());
}

}  // namespace

std::optional<ToldOutcome> OutcomeOf(const events::v1::CallEvent& event) {
  const calls::v1::CallRecord& call = event.call();
  if (!telephony::IsEnded(call.status()) || !IsOfAttempt(event)) return std::nullopt;
  ToldOutcome outcome{.business_id = event.business_id(), .outcome = {}};
  outcome.outcome.attempt_id = call.details().attempt_id();
  outcome.outcome.call_id = event.call_id();
  outcome.outcome.told.set_disposition(DispositionOf(call));
  *outcome.outcome.told.mutable_ended_at() =
      call.times().has_ended_at() ? call.times().ended_at() : event.occurred_at();
  *outcome.outcome.told.mutable_hangup() = call.hangup();
  if (call.has_error()) *outcome.outcome.told.mutable_error() = call.error();
  outcome.outcome.talk = telephony::FromProto(call.durations().talk());
  return outcome;
}

bool TellsOfMachine(const events::v1::CallEvent& event) {
  const calls::v1::CallRecord& call = event.call();
  const bool machine = call.details().answered_by() == calls::v1::ANSWERED_BY_MACHINE ||
                       call.details().answered_by() == calls::v1::ANSWERED_BY_FAX;
  return event.type() == events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED && machine &&
         !telephony::IsEnded(call.status()) && IsOfAttempt(event);
}

}  // namespace trunkline::scheduler
