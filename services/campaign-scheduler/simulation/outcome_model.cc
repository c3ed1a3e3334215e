#include "services/campaign-scheduler/simulation/outcome_model.h"

#include <cmath>

namespace trunkline::scheduler {
namespace {

using calls::v1::CallStatus;
using calls::v1::HangupCause;

PlayedCall Unanswered(CallStatus status, HangupCause cause, absl::Duration length) {
  PlayedCall call{.length = length};
  call.record.set_status(status);
  call.record.mutable_hangup()->set_cause(cause);
  return call;
}

}  // namespace

PlayedCall Play(const OutcomeModel& model, Chance& chance) {
  double left = chance.Part();
  const auto is = [&left](double part) {
    left -= part;
    return left < 0;
  };
  const absl::Duration setup = chance.Between(absl::Milliseconds(200), absl::Seconds(2));
  const absl::Duration ring = setup + chance.Between(absl::Seconds(1), model.ring * 2);
  if (is(model.busy)) return Unanswered(calls::v1::CALL_STATUS_BUSY, calls::v1::HANGUP_CAUSE_BUSY, setup);
  if (is(model.no_answer)) {
    return Unanswered(calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT, setup + model.ring_timeout);
  }
  if (is(model.rejected)) return Unanswered(calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_REJECTED, ring);
  if (is(model.invalid_number)) {
    return Unanswered(calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_INVALID_NUMBER, setup);
  }
  if (is(model.failed)) return Unanswered(calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, setup);
  PlayedCall call;
  call.record.set_status(calls::v1::CALL_STATUS_COMPLETED);
  call.record.mutable_hangup()->set_cause(calls::v1::HANGUP_CAUSE_USER_HANGUP);
  const bool machine = is(model.machine);
  call.talk = chance.Around(machine ? model.machine_talk : model.talk) + absl::Seconds(1);
  if (machine) {
    call.record.mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_MACHINE);
  } else if (chance.Happens(model.abandoned)) {
    call.record.mutable_details()->set_waited_in_queue(true);
  }
  call.length = ring + call.talk;
  const double minutes = std::ceil(absl::ToDoubleMinutes(call.talk));
  call.cost_micros = static_cast<int64_t>(minutes) * model.micros_per_minute;
  return call;
}

}  // namespace trunkline::scheduler
