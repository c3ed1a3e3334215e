#include "services/campaign-scheduler/engine/campaign_engine.h"

#include <algorithm>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/campaign_state.h"
#include "services/campaign-scheduler/rules/disposition.h"
#include "services/campaign-scheduler/rules/retry_policy.h"

namespace trunkline::scheduler {
namespace {

// When a whole read brought nobody who may be called: there is no hurry to put the rest off as well.
constexpr absl::Duration kNobodyPause = absl::Seconds(1);
// After a refusal for this contact alone that might come again.
constexpr absl::Duration kUnfitPause = absl::Hours(1);
constexpr int kMostUnfit = 3;

int LocalHourOf(const DialRules& rules, const v1::Contact& contact, absl::Time at) {
  const std::vector<std::string> zones = rules.TimeZonesOf(contact);
  absl::TimeZone zone;
  if (zones.size() != 1 || !absl::LoadTimeZone(ToAbsl(zones.front()), &zone)) return -1;
  return absl::ToCivilHour(at, zone).hour();
}

}  // namespace

CampaignEngine::CampaignEngine(Takeover takeover, EngineOptions options, absl::Time now)
    : options_(options),
      epoch_(takeover.epoch),
      campaign_(std::move(takeover.campaign)),
      ahead_(now - takeover.now),
      pacer_(campaign_.settings.pacing(), options.call_spacing, takeover.running_since),
      people_(std::move(takeover.people)),
      contacts_(options.batch),
      slots_({.batch = options.batch, .retry = options.retry, .retry_most = options.retry_most}),
      attempts_({.call_silence = options.call_silence, .retry = options.retry, .retry_most = options.retry_most}) {
  for (const absl::Time at : takeover.recent_commits) pacer_.Begun(at, 1);
  for (AttemptUnderWay& attempt : takeover.under_way) attempts_.Adopt(std::move(attempt), takeover.now);
  if (Runs()) effects_.emplace_back(LimitCampaign{campaign_.settings.pacing().max_concurrent_calls()});
  CheckRules();
  GoOn(takeover.now);
}

void CampaignEngine::Handle(Input input, absl::Time here) {
  if (fenced_ || lost_) return;
  if (const auto* committed = std::get_if<Committed>(&input); committed != nullptr && committed->result.ok()) {
    if (!committed->result->fenced) ahead_ = here - committed->result->now;
  }
  const absl::Time now = here - ahead_;
  std::visit([this, now](auto& what) { On(what, now); }, input);
  GoOn(now);
}

CampaignEngine::Condition CampaignEngine::condition() const {
  if (fenced_) return Condition::kFenced;
  if (lost_) return Condition::kLost;
  const bool idle = attempts_.empty() && !committing_.has_value() && next_.empty() && slots_.asking() == 0;
  return !Runs() && idle ? Condition::kFinished : Condition::kAtWork;
}

absl::Time CampaignEngine::wake_at(absl::Time now) const {
  return fenced_ || lost_ ? absl::InfiniteFuture() : NextWake(now - ahead_) + ahead_;
}

absl::Time CampaignEngine::NextWake(absl::Time now) const {
  absl::Time at = attempts_.wake_at();
  if (!committing_.has_value() && (!next_.empty() || slots_.held() > 0)) at = std::min(at, NextCommit());
  if (!Runs()) return at;
  at = std::min(at, contacts_.next_read());
  if (contacts_.ready() == 0) return at;
  if (MostToAsk(now) == 0) return std::min(at, slots_.next_ask(now));
  return std::min(at, pacer_.NextAdmission(now));
}

EngineView CampaignEngine::view() const {
  return {.ready = contacts_.ready(),
          .asking = slots_.asking(),
          .dialing = attempts_.dialing(),
          .under_way = attempts_.size()};
}

void CampaignEngine::GoOn(absl::Time now) {
  if (fenced_ || lost_) return;
  CollectAttempts(now);
  if (Runs()) {
    ReadAhead(now);
    AskForSlots(now);
  }
  SendCommit(now);
}

// Reading.

void CampaignEngine::ReadAhead(absl::Time now) {
  if (std::optional<ReadDue> read = contacts_.BeginRead(now)) effects_.emplace_back(*std::move(read));
}

void CampaignEngine::On(ContactsRead& read, absl::Time now) {
  if (!read.due.ok()) return contacts_.ReadFailed(now + options_.retry_most);
  contacts_.Read(*std::move(read.due), now);
  looked_for_completion_ = false;
  if (!Runs()) contacts_.DropReady();
}

void CampaignEngine::LeaveOut(const DueContact& contact) {
  contacts_.LetGo(contact.contact.record.position());
  contacts_.ReadAt(absl::InfinitePast());
}

// Deciding and asking for slots.

bool CampaignEngine::MayCall(const CampaignFacts& facts, const DueContact& contact, absl::Time now) {
  const v1::Decision decision = Decide(*campaign_.rules, facts, contact.contact.record, contact.number, now);
  if (decision.allowed()) return true;
  PutOff(contact.contact.record, decision);
  return false;
}

void CampaignEngine::PutOff(const v1::Contact& contact, const v1::Decision& decision) {
  // The whole campaign waits for people to be reached: no need to write that to each contact.
  if (decision.rule() == v1::CALL_RULE_ABANDON_RATE) {
    contacts_.LetGo(contact.position());
    contacts_.ReadNotBefore(decision.has_next_at() ? telephony::FromProto(decision.next_at()) : absl::InfiniteFuture());
    return;
  }
  ContactPutOff put_off{.contact_id = contact.contact_id(),
                        .position = contact.position(),
                        .attempts = contact.attempts(),
                        .rule = decision.rule()};
  switch (ConsequenceOf(decision)) {
    case Consequence::kLeave:
      return contacts_.LetGo(contact.position());
    case Consequence::kPutOff:
      put_off.due_at = telephony::FromProto(decision.next_at());
      contacts_.ReadAt(*put_off.due_at);
      break;
    case Consequence::kSuppress:
      put_off.to = v1::CONTACT_STATE_SUPPRESSED;
      break;
    case Consequence::kExhaust:
      put_off.to = v1::CONTACT_STATE_EXHAUSTED;
      break;
  }
  slots_.Forget(contact.position());
  next_.put_off.push_back(std::move(put_off));
}

size_t CampaignEngine::MostToAsk(absl::Time now) const {
  const size_t busy = attempts_.dialing() + slots_.asking() + slots_.held() + committing_slots_.size();
  return std::min(slots_.Room(campaign_.settings.pacing().weight(), now),
                  options_.most_dialing - std::min(options_.most_dialing, busy));
}

void CampaignEngine::AskForSlots(absl::Time now) {
  const size_t most = std::min(MostToAsk(now), contacts_.ready());
  if (most == 0) return;
  const int admitted = pacer_.Admit(now, static_cast<int>(most));
  const CampaignFacts facts{.state = campaign_.state, .people = people_};
  std::vector<DueContact> asked;
  size_t denied = 0;
  while (std::cmp_less(asked.size(), admitted) && denied < options_.batch) {
    std::optional<DueContact> contact = contacts_.Take();
    if (!contact.has_value()) break;
    if (MayCall(facts, *contact, now)) {
      asked.push_back(*std::move(contact));
    } else {
      ++denied;
    }
  }
  pacer_.Returned(admitted - static_cast<int>(asked.size()));
  if (asked.empty() && denied > 0) contacts_.ReadNotBefore(now + kNobodyPause);
  if (asked.empty()) return;
  const v1::Pacing& pacing = campaign_.settings.pacing();
  const absl::Duration wait = pacing.has_slot_wait() ? telephony::FromProto(pacing.slot_wait()) : options_.slot_wait;
  slots_.Ask(std::move(asked), wait, now, &effects_);
}

void CampaignEngine::On(SlotsDecided& decided, absl::Time now) {
  SlotLine::Decided result = slots_.Note(std::move(decided), now);
  pacer_.Returned(static_cast<int>(result.given_back.size() + result.waited.size()));
  // The line comes first for whoever stands in it; the rest is read again in its order.
  for (auto it = result.given_back.rbegin(); it != result.given_back.rend(); ++it) {
    if (Runs()) {
      contacts_.GiveBack(std::move(*it));
    } else {
      LeaveOut(*it);
    }
  }
  for (const DueContact& contact : result.waited) LeaveOut(contact);
  if (!Runs()) StopCalling();
}

void CampaignEngine::Release(std::vector<std::string> slot_ids) {
  if (!slot_ids.empty()) effects_.emplace_back(ReleaseSlots{std::move(slot_ids)});
}

void CampaignEngine::StopCalling() {
  contacts_.DropReady();
  std::vector<std::string> slot_ids;
  for (HeldSlot& held : slots_.DropHeld()) {
    slots_.NoteReleased(held.contact);
    slot_ids.push_back(std::move(held.slot_id));
    pacer_.Returned(1);
    LeaveOut(held.contact);
  }
  Release(std::move(slot_ids));
}

// The campaign.

void CampaignEngine::Change(Campaign campaign, absl::Time now) {
  if (campaign.version <= campaign_.version) return;
  const bool ran = Runs();
  const int limit = campaign_.settings.pacing().max_concurrent_calls();
  campaign_ = std::move(campaign);
  pacer_.Change(campaign_.settings.pacing(), options_.call_spacing);
  const int new_limit = campaign_.settings.pacing().max_concurrent_calls();
  if (Runs() && (!ran || limit != new_limit)) effects_.emplace_back(LimitCampaign{new_limit});
  if (IsFinal(campaign_.state) && limit != 0) effects_.emplace_back(LimitCampaign{0});
  unfit_ = 0;
  if (Runs() && !ran) {
    pacer_.Resume(now);
    failures_.Clear();
  }
  if (!Runs()) StopCalling();
  CheckRules();
  // Nothing of what the settings before forbade is known to be forbidden still.
  contacts_.Reopen(now);
}

void CampaignEngine::CheckRules() {
  const absl::Status readable = campaign_.rules->CheckReadable();
  if (readable.ok() || !Runs()) return;
  next_.stop = StopCampaign{
      .to = v1::CAMPAIGN_STATE_FAILED, .actor = "campaign-scheduler", .reason = std::string(ToStd(readable.message()))};
}

// Attempts.

void CampaignEngine::On(OutcomesTold& told, absl::Time /*now*/) {
  for (const AttemptOutcome& outcome : told.outcomes) {
    if (!attempts_.NoteOutcome(outcome)) next_.known_outcomes.push_back(outcome.attempt_id);
  }
}

void CampaignEngine::CollectAttempts(absl::Time now) {
  attempts_.Advance(campaign_, Runs(), now, &effects_);
  for (CallTold& call : attempts_.TakeCalls()) {
    unfit_ = 0;
    next_.calls.push_back(std::move(call));
  }
  std::vector<std::string> unused;
  for (const AttemptEnd& end : attempts_.TakeEnds()) {
    next_.endings.push_back(EndingOf(end, now));
    if (end.refusal == DialRefusal::kNone) continue;
    unused.push_back(end.attempt.slot_id);
    StopFor(end);
    if (end.refusal == DialRefusal::kNotNow) {
      const absl::Duration delay = RetryAfterOf(end.why).value_or(options_.retry);
      slots_.HoldBack(now + std::clamp(delay, options_.retry, options_.retry_most));
    }
  }
  Release(std::move(unused));
}

AttemptEnding CampaignEngine::EndingOf(const AttemptEnd& end, absl::Time now) {
  const AttemptUnderWay& attempt = end.attempt;
  const v1::Contact& contact = attempt.contact.record;
  std::vector<v1::Disposition> endings = attempt.contact.endings;
  endings.push_back(UnderPolicy(end.disposition, campaign_.settings.machine_policy()));
  AttemptEnding ending{.attempt_id = attempt.attempt_id,
                       .number = attempt.number,
                       .contact_id = contact.contact_id(),
                       .position = contact.position(),
                       .to_number = contact.number(),
                       .committed_at = attempt.committed_at,
                       .call_id = attempt.call_id,
                       .disposition = endings.back(),
                       .ended_at = end.ended_at,
                       .talk = end.talk,
                       .outcome = end.outcome,
                       .attempts = AttemptsThatCount(endings),
                       .local_hour = LocalHourOf(*campaign_.rules, contact, end.ended_at)};
  const NextStep next = AfterAttempt(campaign_.settings.retries(), endings, end.ended_at);
  ending.contact_state = next.state;
  if (next.state == v1::CONTACT_STATE_WAITING) ending.due_at = next.due_at;
  if (end.refusal == DialRefusal::kForbidden) {
    ending.contact_state = v1::CONTACT_STATE_SUPPRESSED;
    ending.rule = v1::CALL_RULE_BLOCKED_PREFIX;
    ending.due_at.reset();
  } else if (end.refusal == DialRefusal::kUnfit && ending.due_at.has_value()) {
    ending.due_at = std::max(*ending.due_at, now + kUnfitPause);
  }
  if (campaign_.state == v1::CAMPAIGN_STATE_CANCELLED && ending.contact_state == v1::CONTACT_STATE_WAITING) {
    ending.contact_state = v1::CONTACT_STATE_REMOVED;
    ending.due_at.reset();
  }
  return ending;
}

void CampaignEngine::StopFor(const AttemptEnd& end) {
  if (end.refusal == DialRefusal::kUnfit) ++unfit_;
  const bool nothing_fits = end.refusal == DialRefusal::kBadSettings || unfit_ >= kMostUnfit;
  if (!nothing_fits || !Runs()) return;
  next_.stop =
      StopCampaign{.actor = "campaign-scheduler",
                   .reason = Concat("the gateway cannot dial with these settings: ", ToStd(end.why.message()))};
}

// Committing.

absl::Time CampaignEngine::NextCommit() const {
  // What is urgent goes at once, the rest with it, or a moment later.
  const bool urgent = slots_.held() > 0 || next_.stop.has_value() || next_.endings.size() >= options_.batch;
  return urgent ? commit_at_ : std::max(commit_at_, next_since_ + options_.gather);
}

void CampaignEngine::SendCommit(absl::Time now) {
  if (next_.empty()) next_since_ = absl::InfiniteFuture();
  if (!next_.empty()) next_since_ = std::min(next_since_, now);
  if (committing_.has_value() || now < commit_at_) return;
  if (Runs()) {
    std::vector<DueContact> ended;
    committing_slots_ = slots_.TakeHeld(options_.batch, now, &ended);
    pacer_.Returned(static_cast<int>(ended.size()));
    for (DueContact& contact : ended) contacts_.GiveBack(std::move(contact));
  }
  const bool may_be_complete = Runs() && !campaign_.settings.keep_open() && contacts_.found_nothing() &&
                               contacts_.empty() && attempts_.empty() && !looked_for_completion_;
  if (committing_slots_.empty() && !may_be_complete && (next_.empty() || now < NextCommit())) return;
  looked_for_completion_ = true;
  CommitBatch batch = std::exchange(next_, {});
  for (const HeldSlot& held : committing_slots_) {
    batch.attempts.push_back({.attempt_id = NextAttemptOf(held.contact.contact),
                              .number = NextNumberOf(held.contact.contact),
                              .contact = held.contact.contact,
                              .slot_id = held.slot_id});
  }
  batch.dial_time = DialTimeOf(campaign_.settings, options_.dial_time, options_.warm_up);
  batch.people = people_;
  committing_ = batch;
  effects_.emplace_back(Commit{std::move(batch)});
}

void CampaignEngine::On(Committed& committed, absl::Time now) {
  if (!committing_.has_value()) return;
  if (!committed.result.ok()) {
    if (committed.result.status().code() == absl::StatusCode::kUnknown) {
      lost_ = true;
      return;
    }
    // Nothing of it is committed. What came meanwhile stands behind it.
    CommitBatch& failed = *committing_;
    const auto before = [](auto& first, auto& then) {
      first.insert(first.end(), std::make_move_iterator(then.begin()), std::make_move_iterator(then.end()));
      then = std::move(first);
    };
    before(failed.put_off, next_.put_off);
    before(failed.calls, next_.calls);
    before(failed.endings, next_.endings);
    before(failed.known_outcomes, next_.known_outcomes);
    if (!next_.stop.has_value()) next_.stop = std::move(failed.stop);
    slots_.GiveBack(std::exchange(committing_slots_, {}));
    committing_.reset();
    looked_for_completion_ = false;
    commit_pause_ = std::min(options_.retry_most, std::max(options_.retry, commit_pause_ * 2));
    commit_at_ = now + commit_pause_;
    if (!Runs()) StopCalling();
    return;
  }
  commit_pause_ = absl::ZeroDuration();
  if (committed.result->fenced) {
    fenced_ = true;
    return;
  }
  NoteCommitted(*committed.result, now);
}

void CampaignEngine::NoteCommitted(const CommitResult& result, absl::Time now) {
  const CommitBatch batch = *std::exchange(committing_, std::nullopt);
  std::unordered_map<std::string, HeldSlot> slots;
  for (HeldSlot& held : std::exchange(committing_slots_, {})) {
    slots.emplace(NextAttemptOf(held.contact.contact), std::move(held));
  }
  for (const ContactPutOff& put_off : batch.put_off) contacts_.LetGo(put_off.position);
  for (const AttemptEnding& ending : batch.endings) NoteEnding(ending);

  for (const std::string& attempt_id : result.started) {
    HeldSlot& held = slots.at(attempt_id);
    const int64_t position = held.contact.contact.record.position();
    pacer_.Begun(result.now, 1);
    contacts_.LetGo(position);
    slots_.Forget(position);
    AttemptUnderWay attempt{.attempt_id = attempt_id,
                            .number = NextNumberOf(held.contact.contact),
                            .contact = std::move(held.contact.contact),
                            .slot_id = std::move(held.slot_id),
                            .committed_at = result.now,
                            .dial_before = result.now + batch.dial_time};
    attempts_.Begin(std::move(attempt), now);
    slots.erase(attempt_id);
  }
  std::vector<std::string> unused;
  for (const DeniedAttempt& denied : result.denied) {
    if (denied.decision.has_next_at()) contacts_.ReadAt(telephony::FromProto(denied.decision.next_at()));
    if (denied.decision.rule() == v1::CALL_RULE_ABANDON_RATE && denied.decision.has_next_at()) {
      contacts_.ReadNotBefore(telephony::FromProto(denied.decision.next_at()));
    }
  }
  for (auto& [attempt_id, held] : slots) {
    pacer_.Returned(1);
    slots_.NoteReleased(held.contact);
    unused.push_back(std::move(held.slot_id));
    contacts_.LetGo(held.contact.contact.record.position());
  }
  Release(std::move(unused));
  if (result.campaign.has_value()) Change(*result.campaign, now);
}

void CampaignEngine::NoteEnding(const AttemptEnding& ending) {
  attempts_.Forget(ending.attempt_id);
  if (ending.due_at.has_value()) contacts_.ReadAt(*ending.due_at);
  const bool abandoned = ending.disposition == v1::DISPOSITION_ABANDONED;
  if (abandoned || ending.disposition == v1::DISPOSITION_CONNECTED) {
    people_.Note(ending.ended_at, {.reached = 1, .abandoned = abandoned ? 1 : 0});
    people_.Trim(ending.ended_at);
  }
  if (!CountsAsAttempt(ending.disposition)) return;
  failures_.Note(IsFailure(ending.disposition));
  if (Runs() && !next_.stop.has_value() && failures_.IsTooMuch(campaign_.settings.auto_pause())) {
    next_.stop = StopCampaign{.actor = "auto_pause",
                              .reason = Concat("at least ", campaign_.settings.auto_pause().failure_percent(),
                                               " percent of the latest attempts failed")};
  }
}

}  // namespace trunkline::scheduler
