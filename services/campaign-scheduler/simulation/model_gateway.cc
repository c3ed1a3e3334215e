#include "services/campaign-scheduler/simulation/model_gateway.h"

#include <algorithm>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/disposition.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kStep = absl::Milliseconds(2);         // of the gateway
constexpr absl::Duration kReconciled = absl::Seconds(40);       // after a dial in doubt
constexpr absl::Duration kEventMost = absl::Milliseconds(400);  // from an event to its readers
constexpr absl::Duration kThawing = absl::Seconds(2);           // until everything goes on that was frozen
// While it struggles.
constexpr double kSlowDials = 0.5;
constexpr double kRefusedDials = 0.5;

}  // namespace

bool ModelGateway::MayCrash() {
  if (!parts_.chance.Happens(faults_.crash)) return false;
  Crash(parts_.chance.Between(absl::Seconds(1), absl::Seconds(8)));
  return true;
}

void ModelGateway::Crash(absl::Duration until_back) {
  back_at_ = parts_.queue.now() + until_back;
  ++crashes_;
}

void ModelGateway::Freeze(absl::Duration time) { frozen_until_ = std::max(frozen_until_, parts_.queue.now() + time); }

void ModelGateway::Struggle(absl::Duration time) {
  struggles_until_ = std::max(struggles_until_, parts_.queue.now() + time);
}

absl::Duration ModelGateway::TimeToCommit() {
  if (Struggles() && parts_.chance.Happens(kSlowDials)) {
    return parts_.chance.Between(absl::Seconds(1), absl::Seconds(20));
  }
  return parts_.chance.Happens(faults_.stall) ? parts_.chance.Between(absl::Seconds(1), absl::Seconds(90)) : kStep;
}

void ModelGateway::Do(std::function<void()> step) {
  if (!IsFrozen()) return step();
  parts_.queue.At(frozen_until_ + kThawing * parts_.chance.Part(), [this, step = std::move(step)] { Do(step); });
}

void ModelGateway::InitiateCall(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                                std::function<void(absl::StatusOr<control::v1::Call>)> done) {
  if (IsFrozen()) {
    return Do([this, business_id, request, done = std::move(done), crashes = crashes_] {
      if (crashes == crashes_) InitiateCall(business_id, request, done);
    });
  }
  if (!IsUp()) return done(absl::UnavailableError("connection refused"));
  if (const auto known = dials_.find(request.request_id()); known != dials_.end()) return done(known->second.call);
  if (MayCrash()) return;
  if (parts_.chance.Happens(Struggles() ? kRefusedDials : faults_.refuse)) {
    return done(Error(absl::StatusCode::kUnavailable, Reason::REASON_PROVIDER_ACCOUNT_RESTING, "the account rests"));
  }
  const std::string call_id = UuidOfName("call", request.request_id());
  // Admission: the slot that the caller brings.
  parts_.governor.Bind(
      business_id, request.slot_id(), call_id,
      [this, business_id, request, call_id, done = std::move(done),
       crashes = crashes_](const absl::StatusOr<governor::Slot>& slot) {
        if (crashes != crashes_ || MayCrash()) return;
        if (!slot.ok()) {
          return done(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "the slot has ended"));
        }
        parts_.queue.After(TimeToCommit(), [this, business_id, request, call_id, done, crashes] {
          Do([this, business_id, request, call_id, done, crashes] {
            if (crashes == crashes_) Commit(business_id, request, call_id, done);
          });
        });
      });
}

// The intent: from here on the request_id has its call.
void ModelGateway::Commit(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                          const std::string& call_id,
                          const std::function<void(absl::StatusOr<control::v1::Call>)>& done) {
  const std::string& attempt_id = request.request_id();
  if (const auto known = dials_.find(attempt_id); known != dials_.end()) return done(known->second.call);
  if (request.has_dial_before() && parts_.queue.now() > telephony::FromProto(request.dial_before())) {
    parts_.watcher.NoteFoundOut("that it is too late for a dial", attempt_id);
    return done(Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_TOO_LATE, "too late"));
  }
  Dial& dial = dials_[attempt_id];
  dial.campaign_id = request.campaign_id();
  dial.subject = {.business_id = business_id,
                  .provider_account_id = request.provider_account_id(),
                  .caller_number = request.from(),
                  .campaign_id = request.campaign_id()};
  dial.call.mutable_record()->set_call_id(call_id);
  dial.call.mutable_record()->set_status(calls::v1::CALL_STATUS_INITIATED);
  by_call_[call_id] = attempt_id;
  parts_.queue.After(kStep, [this, attempt_id, done, crashes = crashes_] {
    // In doubt: nobody knows whether the provider was asked. The reconciler finds out.
    if (crashes != crashes_ || MayCrash()) {
      if (parts_.chance.Happens(0.5)) return Ask(attempt_id);
      parts_.queue.After(kReconciled, [this, attempt_id] {
        PlayedCall none;
        none.record.set_status(calls::v1::CALL_STATUS_FAILED);
        End(attempt_id, none);
      });
      return;
    }
    Ask(attempt_id);
    if (!parts_.chance.Happens(faults_.lost)) done(dials_.at(attempt_id).call);
  });
}

void ModelGateway::Ask(const std::string& attempt_id) {
  Dial& dial = dials_.at(attempt_id);
  dial.asked = true;
  parts_.watcher.NoteDialed(parts_.store.of(dial.campaign_id), attempt_id, parts_.queue.now());
  PlayedCall played = Play(outcomes_, parts_.chance);
  cost_micros_ += played.cost_micros;
  talk_ += played.talk;
  parts_.queue.After(played.length, [this, attempt_id, played] { End(attempt_id, played); });
}

void ModelGateway::End(const std::string& attempt_id, const PlayedCall& played) {
  Dial& dial = dials_.at(attempt_id);
  const absl::Time now = parts_.queue.now();
  parts_.watcher.NoteCallEnded(attempt_id, now);
  dial.ended = true;
  const std::string call_id = dial.call.record().call_id();
  *dial.call.mutable_record() = played.record;
  dial.call.mutable_record()->set_call_id(call_id);
  *dial.call.mutable_record()->mutable_times()->mutable_ended_at() = telephony::ToProto(now);
  dial.outcome = {.attempt_id = attempt_id, .call_id = call_id, .talk = played.talk};
  dial.outcome.told.set_disposition(DispositionOf(played.record));
  if (!dial.asked) parts_.watcher.NoteNeverDialed(attempt_id);
  *dial.outcome.told.mutable_ended_at() = telephony::ToProto(now);
  *dial.outcome.told.mutable_hangup() = played.record.hangup();
  // The terminal webhook is lost: only a question brings the fact.
  if (parts_.chance.Happens(faults_.lost)) return;
  Tell(attempt_id);
  if (parts_.chance.Happens(faults_.twice)) Tell(attempt_id);
}

void ModelGateway::Tell(const std::string& attempt_id) {
  parts_.queue.After(parts_.chance.Around(kEventMost / 4), [this, attempt_id] { TellScheduler(attempt_id); });
  parts_.queue.After(parts_.chance.Around(kEventMost / 4), [this, attempt_id] { TellGovernor(attempt_id); });
}

void ModelGateway::TellScheduler(const std::string& attempt_id) {
  const Dial& dial = dials_.at(attempt_id);
  parts_.store.KeepOutcome(dial.campaign_id, dial.outcome);
  told_(dial.campaign_id);
}

void ModelGateway::TellGovernor(const std::string& attempt_id) {
  const Dial& dial = dials_.at(attempt_id);
  parts_.governor.NoteEnded({.call_id = dial.call.record().call_id(),
                             .subject = dial.subject,
                             .ended = true,
                             .at = telephony::FromProto(dial.call.record().times().ended_at())});
}

std::optional<FoundDial> ModelGateway::FindDial(const std::string& attempt_id) const {
  if (!IsUp()) return std::nullopt;
  parts_.watcher.NoteFoundOut("what became of a dial", attempt_id);
  FoundDial found{.now = parts_.queue.now()};
  if (const auto known = dials_.find(attempt_id); known != dials_.end()) found.call = known->second.call;
  return found;
}

absl::StatusOr<bool> ModelGateway::InquireCall(const std::string& call_id) {
  if (!IsUp()) return absl::UnavailableError("connection refused");
  parts_.watcher.NoteFoundOut("whether a call goes on", call_id);
  const auto known = by_call_.find(call_id);
  if (known == by_call_.end()) return absl::NotFoundError("no such call");
  const Dial& dial = dials_.at(known->second);
  if (dial.ended) Tell(known->second);
  return dial.ended;
}

governor::CallLife ModelGateway::LifeOf(const std::string& call_id) {
  if (!IsUp()) return governor::CallLife::kUnknown;
  const absl::StatusOr<bool> ended = InquireCall(call_id);
  return ended.value_or(true) ? governor::CallLife::kEnded : governor::CallLife::kAlive;
}

}  // namespace trunkline::scheduler
