#include "services/campaign-scheduler/engine/attempts_under_way.h"

#include <algorithm>

#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/engine/dial_request.h"
#include "services/campaign-scheduler/rules/disposition.h"

namespace trunkline::scheduler {
namespace {

// After dial_before, before it is asked what became of a dial: clocks differ a little.
constexpr absl::Duration kMargin = absl::Milliseconds(500);
// After a call was found to have ended, before the call itself is looked at for its outcome: it may be told meanwhile.
constexpr absl::Duration kLook = absl::Seconds(10);
// Before a new owner asks about calls: what was told of them lies ready.
constexpr absl::Duration kSettling = absl::Minutes(1);

v1::Disposition DispositionOfRefusal(DialRefusal refusal) {
  switch (refusal) {
    case DialRefusal::kBadNumber:
      return v1::DISPOSITION_INVALID_NUMBER;
    case DialRefusal::kWarmUpFailed:
      return v1::DISPOSITION_WARM_UP_FAILED;
    default:
      return v1::DISPOSITION_NOT_DIALED;
  }
}

}  // namespace

bool AttemptsUnderWay::IsDialing(Stage stage) {
  return stage == Stage::kToDial || stage == Stage::kDialing || stage == Stage::kToFind || stage == Stage::kFinding;
}

AttemptsUnderWay::Entry* AttemptsUnderWay::Find(const std::string& attempt_id, Stage stage) {
  const auto found = attempts_.find(attempt_id);
  return found == attempts_.end() || found->second.stage != stage ? nullptr : &found->second;
}

void AttemptsUnderWay::Move(Entry* entry, Stage stage, absl::Time timer) {
  if (IsDialing(entry->stage)) --dialing_;
  if (IsDialing(stage)) ++dialing_;
  entry->stage = stage;
  timers_.erase({entry->timer, entry->attempt.attempt_id});
  entry->timer = timer;
  if (timer != absl::InfiniteFuture()) timers_.emplace(timer, entry->attempt.attempt_id);
}

void AttemptsUnderWay::Again(Entry* entry, Stage stage, absl::Time now) {
  entry->pause = std::min(options_.retry_most, std::max(options_.retry, entry->pause * 2));
  Move(entry, stage, now + entry->pause);
}

void AttemptsUnderWay::Adopt(AttemptUnderWay attempt, absl::Time now) {
  const std::string id = attempt.attempt_id;
  Begin(std::move(attempt), now);
  Entry& entry = attempts_.at(id);
  entry.in_doubt = true;
  if (entry.attempt.call_id.empty()) return;
  Move(&entry, Stage::kInCall, std::max(now + kSettling, entry.attempt.committed_at + options_.call_silence));
}

void AttemptsUnderWay::Begin(AttemptUnderWay attempt, absl::Time now) {
  const std::string id = attempt.attempt_id;
  Entry& entry = attempts_[id];
  entry.attempt = std::move(attempt);
  ++dialing_;
  Move(&entry, Stage::kToDial, now);
}

void AttemptsUnderWay::HasCall(Entry* entry, const std::string& call_id, absl::Time now) {
  if (entry->attempt.call_id != call_id) {
    entry->attempt.call_id = call_id;
    calls_.push_back({.attempt_id = entry->attempt.attempt_id, .call_id = call_id});
  }
  Move(entry, Stage::kInCall, now + options_.call_silence);
}

void AttemptsUnderWay::End(Entry* entry, AttemptEnd end) {
  end.attempt = entry->attempt;
  Move(entry, Stage::kEnded, absl::InfiniteFuture());
  ends_.push_back(std::move(end));
}

void AttemptsUnderWay::EndUndialed(Entry* entry, absl::Time now) {
  End(entry, {.disposition = DispositionOfRefusal(entry->refusal),
              .ended_at = now,
              .refusal = entry->refusal == DialRefusal::kNone ? DialRefusal::kNotNow : entry->refusal,
              .why = entry->why});
}

void AttemptsUnderWay::NoteAnswer(const DialAnswered& answer, absl::Time now) {
  Entry* entry = Find(answer.attempt_id, Stage::kDialing);
  if (entry == nullptr) return;
  if (answer.call.ok()) return HasCall(entry, answer.call->record().call_id(), now);
  const DialRefusal refusal = Understand(answer.call.status());
  if (refusal == DialRefusal::kKnown) return Move(entry, Stage::kToFind, now);
  if (refusal == DialRefusal::kInDoubt) {
    entry->in_doubt = true;
    return Again(entry, Stage::kToDial, now);
  }
  entry->refusal = refusal;
  entry->why = answer.call.status();
  if (!entry->in_doubt) return EndUndialed(entry, now);
  // An earlier question may still be under way at the gateway; after dial_before none can dial any more.
  Move(entry, Stage::kToFind, std::max(now, entry->attempt.dial_before + kMargin));
}

void AttemptsUnderWay::NoteFound(const DialFound& found, absl::Time now) {
  if (Entry* entry = Find(found.attempt_id, Stage::kLooking); entry != nullptr) {
    if (!found.found.ok() || !found.found->call.has_value()) return Again(entry, Stage::kToLook, now);
    const calls::v1::CallRecord& record = found.found->call->record();
    if (!telephony::IsEnded(record.status())) return Move(entry, Stage::kInCall, now + options_.call_silence);
    AttemptEnd end{.disposition = DispositionOf(record),
                   .ended_at = record.times().has_ended_at() ? telephony::FromProto(record.times().ended_at()) : now,
                   .talk = telephony::FromProto(record.durations().talk())};
    *end.outcome.mutable_hangup() = record.hangup();
    if (record.has_error()) *end.outcome.mutable_error() = record.error();
    return End(entry, std::move(end));
  }
  Entry* entry = Find(found.attempt_id, Stage::kFinding);
  if (entry == nullptr) return;
  if (!found.found.ok()) return Again(entry, Stage::kToFind, now);
  if (found.found->call.has_value()) return HasCall(entry, found.found->call->record().call_id(), now);
  if (found.found->now > entry->attempt.dial_before) return EndUndialed(entry, now);
  // By the database's clock it may still be dialled.
  Move(entry, Stage::kToFind, now + (entry->attempt.dial_before - found.found->now) + kMargin);
}

void AttemptsUnderWay::NoteInquiry(const CallInquired& inquiry, absl::Time now) {
  Entry* entry = Find(inquiry.attempt_id, Stage::kInquiring);
  if (entry == nullptr) return;
  if (inquiry.ended.ok() && *inquiry.ended) return Move(entry, Stage::kToLook, now + kLook);
  Move(entry, Stage::kInCall, now + options_.call_silence);
}

bool AttemptsUnderWay::NoteOutcome(const AttemptOutcome& outcome) {
  const auto found = attempts_.find(outcome.attempt_id);
  if (found == attempts_.end()) return false;
  Entry& entry = found->second;
  if (entry.stage == Stage::kEnded) return true;
  entry.attempt.call_id = outcome.call_id;
  AttemptEnd end{.disposition = outcome.told.disposition(),
                 .ended_at = telephony::FromProto(outcome.told.ended_at()),
                 .talk = outcome.talk};
  *end.outcome.mutable_hangup() = outcome.told.hangup();
  if (outcome.told.has_error()) *end.outcome.mutable_error() = outcome.told.error();
  End(&entry, std::move(end));
  return true;
}

void AttemptsUnderWay::Advance(const Campaign& campaign, bool may_dial, absl::Time now, Effects* effects) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Entry& entry = attempts_.at(timers_.begin()->second);
    const AttemptUnderWay& attempt = entry.attempt;
    switch (entry.stage) {
      case Stage::kToDial:
        if (now >= attempt.dial_before) {
          Move(&entry, Stage::kToFind, std::max(now, attempt.dial_before + kMargin));
        } else if (!may_dial && entry.in_doubt) {
          Move(&entry, Stage::kToFind, attempt.dial_before + kMargin);
        } else if (!may_dial) {
          EndUndialed(&entry, now);
        } else {
          Move(&entry, Stage::kDialing, absl::InfiniteFuture());
          effects->emplace_back(Dial{attempt.attempt_id, DialRequestOf(campaign, attempt)});
        }
        break;
      case Stage::kToFind:
        Move(&entry, Stage::kFinding, absl::InfiniteFuture());
        effects->emplace_back(FindDial{attempt.attempt_id});
        break;
      case Stage::kInCall:
        Move(&entry, Stage::kInquiring, absl::InfiniteFuture());
        effects->emplace_back(InquireCall{attempt.attempt_id, attempt.call_id});
        break;
      case Stage::kToLook:
        Move(&entry, Stage::kLooking, absl::InfiniteFuture());
        effects->emplace_back(FindDial{attempt.attempt_id});
        break;
      default:
        Move(&entry, entry.stage, absl::InfiniteFuture());
        break;
    }
  }
}

void AttemptsUnderWay::Forget(const std::string& attempt_id) { attempts_.erase(attempt_id); }

}  // namespace trunkline::scheduler
