#include "services/concurrency-governor/ledger/slot_ledger.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::governor {
namespace {

constexpr int kEpochShift = 32;
constexpr absl::Duration kLongestRate = absl::Hours(1);
// A new leader may believe a call silent for this part of the silence longer than it was.
constexpr int kPartOfSilence = 4;
// How long the journal may become: so many lines for each slot that is remembered, and some more.
constexpr int64_t kLinesPerSlot = 4;
constexpr int64_t kSpareLines = 1'000;
// Where it is longer, so many of the oldest lines move to its end with each that is new.
constexpr size_t kMovedPerLine = 2;

absl::Status NoSuchSlot(const SlotReference& reference, std::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_SLOT_NOT_FOUND,
               Concat("the slot of ", reference.id, " ", what), {{"id", reference.id}});
}

}  // namespace

SlotLedger::SlotLedger(LedgerOptions options, int64_t epoch)
    : options_(options), epoch_(epoch), book_(options.levels), order_(options.most_passed) {}

absl::Time SlotLedger::NowNotBefore(absl::Time now) { return now_ = std::max(now_, now); }

void SlotLedger::Restore(const std::vector<std::pair<LevelKey, Limits>>& limits, const JournaledSlots& journal,
                         const LearnedCeilings& learned) {
  for (const auto& [key, value] : limits) book_.SetLimits(key, value);
  for (const auto& [account_id, ceiling] : learned) {
    book_.RestoreLearned(account_id, ceiling);
    now_ = std::max(now_, ceiling.since);
  }
  std::vector<const JournaledSlot*> slots;
  slots.reserve(journal.slots().size());
  for (const auto& [slot_id, journaled] : journal.slots()) slots.push_back(&journaled);
  // Rates count in the order of time.
  std::sort(slots.begin(), slots.end(), [](const JournaledSlot* a, const JournaledSlot* b) {
    return std::pair(a->slot.granted_at(), a->slot.fencing_token()) <
           std::pair(b->slot.granted_at(), b->slot.fencing_token());
  });
  for (const JournaledSlot* journaled : slots) {
    const Slot& slot = journaled->slot;
    now_ = std::max(now_, slot.released_at.value_or(slot.granted_at()));
    if (slot.kind() != SlotKind::kInbound) book_.NoteBegin(slot.subject(), slot.granted_at());
    Entry* entry = Put(slot);
    entry->line = journaled->line;
    entry->place_by_line = by_line_.insert(by_line_.end(), entry);
    if (entry->slot.IsLive()) {
      CountIn(entry);
    } else {
      PutOn(&ended_, ForgetAt(entry->slot), entry);
    }
  }
  by_line_.sort([](const Entry* a, const Entry* b) { return a->line < b->line; });
  next_line_ = journal.last_line() + 1;
  // The journal does not tell it: of older calls something would have been heard, or they are asked about as silent
  // ones.
  for (const auto& [call_id, entry] : by_call_) entry->heard = now_ - entry->slot.last_news_at >= options_.first_news;
}

SlotLedger::Entry* SlotLedger::Put(Slot slot) {
  auto made = std::make_unique<Entry>();
  made->news_journaled = slot.last_news_at;
  made->slot = std::move(slot);
  Entry* entry = made.get();
  slots_.emplace(ToAbsl(entry->slot.slot_id()), std::move(made));
  return entry;
}

void SlotLedger::PutOn(Schedule* schedule, absl::Time at, Entry* entry) {
  // Nearly always the last.
  entry->scheduled = schedule->emplace_hint(schedule->end(), std::pair(at, entry->slot.fencing_token()), entry);
}

void SlotLedger::CountIn(Entry* entry) {
  const Slot& slot = entry->slot;
  book_.Add(slot.subject(), slot.kind());
  ++live_;
  if (slot.call_id.empty()) {
    PutOn(&reservations_, slot.expires_at, entry);
  } else {
    by_call_[slot.call_id] = entry;
  }
}

void SlotLedger::Change(Entry* entry, Unwritten what) {
  if (entry->unwritten == Unwritten::kNothing) changed_.push_back(entry);
  // What else changed is told with the end, and what has no line yet as a whole.
  entry->unwritten = entry->line == 0 ? Unwritten::kAll : std::max(entry->unwritten, what);
}

void SlotLedger::Hear(Entry* entry, absl::Time now) {
  entry->slot.last_news_at = now;
  entry->heard = true;
  if (now - entry->news_journaled >= options_.silence / kPartOfSilence) Change(entry);
}

SlotLedger::Entry* SlotLedger::Find(const SlotReference& reference) {
  Entry* entry = nullptr;
  if (reference.by == SlotReference::By::kCall) {
    if (const auto found = by_call_.find(reference.id); found != by_call_.end()) entry = found->second;
  } else {
    const bool by_request = reference.by == SlotReference::By::kRequest;
    const auto found =
        by_request ? slots_.find(SlotIdOf(reference.business_id, reference.id)) : slots_.find(reference.id);
    if (found != slots_.end()) entry = found->second.get();
  }
  if (entry == nullptr || entry->slot.subject().business_id != reference.business_id) return nullptr;
  if (reference.fencing_token != 0 && entry->slot.fencing_token() != reference.fencing_token) return nullptr;
  return entry;
}

absl::StatusOr<SlotLedger::Entry*> SlotLedger::FindLive(const SlotReference& reference) {
  Entry* entry = Find(reference);
  if (entry == nullptr) return NoSuchSlot(reference, "is not known");
  if (!entry->slot.IsLive()) return NoSuchSlot(reference, "has ended");
  return entry;
}

absl::Status SlotLedger::Tie(Entry* entry, const std::string& call_id, absl::Time now) {
  Slot& slot = entry->slot;
  if (slot.call_id == call_id) {
    // Its gateway is still at it.
    slot.last_news_at = now;
    return absl::OkStatus();
  }
  const SlotReference reference{.id = slot.slot_id()};
  if (!slot.call_id.empty()) return NoSuchSlot(reference, "belongs to another call");
  if (by_call_.contains(call_id)) return NoSuchSlot(reference, "cannot be bound: its call has another slot already");
  reservations_.erase(entry->scheduled);
  slot.call_id = call_id;
  slot.expires_at = absl::InfiniteFuture();
  slot.last_news_at = now;
  by_call_[call_id] = entry;
  Change(entry);
  return absl::OkStatus();
}

void SlotLedger::End(Entry* entry, ReleaseReason reason, absl::Time now) {
  Slot& slot = entry->slot;
  if (slot.call_id.empty()) {
    reservations_.erase(entry->scheduled);
  } else {
    by_call_.erase(slot.call_id);
  }
  slot.released_at = now;
  slot.reason = reason;
  book_.Remove(slot.subject(), slot.kind());
  --live_;
  PutOn(&ended_, ForgetAt(slot), entry);
  Change(entry, Unwritten::kEnd);
  must_serve_ = true;
}

void SlotLedger::Decide(absl::Span<const Ticket> tickets, Decision decision) {
  for (const Ticket ticket : tickets) {
    decision.ticket = ticket;
    if (ticket != tickets.back()) decisions_.push_back(decision);
  }
  if (!tickets.empty()) decisions_.push_back(std::move(decision));
}

void SlotLedger::Acquire(Ticket ticket, SlotWish wish, absl::Time deadline, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  if (wish.slot_id.empty()) wish.slot_id = SlotIdOf(wish.subject.business_id, wish.request_id);
  if (WaitingRequest* waiting = waiting_.Find(wish.slot_id); waiting != nullptr) {
    if (waiting->wish.subject != wish.subject) return Decide({ticket}, {.outcome = Decision::Outcome::kReused});
    waiting->tickets.push_back(ticket);
    return;
  }
  if (const auto found = slots_.find(wish.slot_id); found != slots_.end()) {
    Entry* entry = found->second.get();
    const Slot& slot = entry->slot;
    Decision decision{.outcome = Decision::Outcome::kGranted};
    const bool same = slot.subject().Answers(wish.subject);
    if (same && !slot.IsLive()) {
      decision.outcome = Decision::Outcome::kEnded;
    } else if (!same || (!wish.call_id.empty() && !Tie(entry, wish.call_id, now).ok())) {
      decision.outcome = Decision::Outcome::kReused;
    }
    decision.slot = slot;
    return Decide({ticket}, std::move(decision));
  }
  WaitingRequest request{.wish = std::move(wish), .deadline = deadline, .tickets = {ticket}};
  // Whoever comes when nobody waits and there is room need not wait for a turn.
  if (waiting_.size() == 0 && book_.Passes(request.wish.subject, request.wish.kind, now, /*burst=*/false)) {
    return Grant(std::move(request), now);
  }
  if (waiting_.size() >= options_.most_waiting) return Refuse(request, now);
  waiting_.Add(std::move(request));
  must_serve_ = true;
}

void SlotLedger::Grant(WaitingRequest request, absl::Time now) {
  SlotWish& wish = request.wish;
  book_.NoteBegin(wish.subject, now);
  Slot slot{.last_news_at = now};
  // A call has one slot: when it has one already, this one stays a reservation, and is seen as such.
  if (!by_call_.contains(wish.call_id)) slot.call_id = std::move(wish.call_id);
  if (slot.call_id.empty()) slot.expires_at = now + options_.reservation;
  slot.grant = std::make_shared<SlotGrant>(SlotGrant{.slot_id = std::move(wish.slot_id),
                                                     .fencing_token = epoch_ << kEpochShift | ++granted_,
                                                     .request_id = std::move(wish.request_id),
                                                     .subject = std::move(wish.subject),
                                                     .kind = wish.kind,
                                                     .granted_at = now});
  Entry* entry = Put(std::move(slot));
  CountIn(entry);
  Change(entry);
  Decide(request.tickets, {.outcome = Decision::Outcome::kGranted, .slot = entry->slot});
}

void SlotLedger::Refuse(const WaitingRequest& request, absl::Time now) {
  Decide(request.tickets, RefusalBy(book_.Gates(request.wish.subject, request.wish.kind, now, /*burst=*/false), now));
}

Decision SlotLedger::RefusalBy(std::vector<Gate> shut, absl::Time now) const {
  Decision decision{.outcome = Decision::Outcome::kRefused, .shut = std::move(shut)};
  decision.retry_after = decision.shut.empty() ? options_.retry_after : absl::ZeroDuration();
  for (const Gate& gate : decision.shut) {
    const absl::Duration delay = gate.next == absl::InfiniteFuture() ? options_.retry_after : gate.next - now;
    decision.retry_after = std::max(decision.retry_after, delay);
  }
  return decision;
}

void SlotLedger::ExpireReservations(absl::Time now) {
  while (!reservations_.empty() && reservations_.begin()->first.first <= now) {
    End(reservations_.begin()->second, ReleaseReason::kExpired, now);
  }
}

absl::Time SlotLedger::ForgetAt(const Slot& slot) const {
  const absl::Time after_memory = *slot.released_at + options_.memory;
  // A new leader counts it for the rates.
  bool has_hourly_rate = false;
  slot.subject().ForEachLevel([&](LevelView key) {
    const auto limits = book_.limits().find(key);
    has_hourly_rate |= limits != book_.limits().end() && limits->second.rates.per_hour > 0;
  });
  return has_hourly_rate ? std::max(after_memory, slot.granted_at() + kLongestRate) : after_memory;
}

void SlotLedger::Forget(absl::Time now) {
  while (!ended_.empty() && ended_.begin()->first.first <= now) {
    Entry* entry = ended_.begin()->second;
    ended_.erase(ended_.begin());
    // Limits may have changed since.
    if (const absl::Time forget_at = ForgetAt(entry->slot); forget_at > now) {
      PutOn(&ended_, forget_at, entry);
      continue;
    }
    if (entry->unwritten != Unwritten::kNothing) std::erase(changed_, entry);
    if (entry->line != 0) by_line_.erase(entry->place_by_line);
    slots_.erase(slots_.find(entry->slot.slot_id()));
  }
}

void SlotLedger::Advance(absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  ExpireReservations(now);
  Forget(now);
  for (std::string& account_id : book_.ForgetRisen(now)) changed_learned_.insert(std::move(account_id));
  if (must_serve_ || serve_at_ <= now) {
    must_serve_ = false;
    const auto grant = [&](WaitingRequest request) { Grant(std::move(request), now); };
    const absl::Time ordinary = order_.Serve(book_, now, /*burst=*/false, &waiting_, grant);
    const absl::Time beyond = order_.Serve(book_, now, /*burst=*/true, &waiting_, grant);
    serve_at_ = std::min(ordinary, beyond);
  }
  WaitingRequest overdue;
  while (waiting_.TakeOverdue(now, &overdue)) Refuse(overdue, now);
}

absl::Time SlotLedger::NextWake() const {
  absl::Time next = std::min(waiting_.NextDeadline(), waiting_.size() == 0 ? absl::InfiniteFuture() : serve_at_);
  if (!reservations_.empty()) next = std::min(next, reservations_.begin()->first.first);
  if (!ended_.empty()) next = std::min(next, ended_.begin()->first.first);
  return must_serve_ ? now_ : next;
}

absl::StatusOr<Decision> SlotLedger::Bind(const SlotReference& reference, const std::string& call_id,
                                          const Subject& chosen, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  TL_ASSIGN_OR_RETURN(Entry * entry, FindLive(reference));
  const Subject before = entry->slot.subject();
  const Subject all = before.With(chosen);
  if (all != before) {
    std::vector<Gate> shut = book_.Gates(all, entry->slot.kind(), now, /*burst=*/true);
    // The slot has its place at the other levels already.
    std::erase_if(shut, [&](const Gate& gate) { return before.CountsAt(gate.key.level); });
    if (!shut.empty()) return RefusalBy(std::move(shut), now);
  }
  TL_RETURN_IF_ERROR(Tie(entry, call_id, now));
  if (all != before) {
    book_.Widen(before, all, entry->slot.kind(), now);
    auto grant = std::make_shared<SlotGrant>(*entry->slot.grant);
    grant->subject = all;
    Regrant(entry, std::move(grant));
    Change(entry);
  }
  return Decision{.outcome = Decision::Outcome::kGranted, .slot = entry->slot};
}

void SlotLedger::Regrant(Entry* entry, std::shared_ptr<const SlotGrant> grant) {
  // The key lies in the grant.
  const auto found = slots_.find(entry->slot.slot_id());
  std::unique_ptr<Entry> kept = std::move(found->second);
  slots_.erase(found);
  entry->slot.grant = std::move(grant);
  slots_.emplace(ToAbsl(entry->slot.slot_id()), std::move(kept));
}

absl::StatusOr<Slot> SlotLedger::Renew(const SlotReference& reference, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  TL_ASSIGN_OR_RETURN(Entry * entry, FindLive(reference));
  Slot& slot = entry->slot;
  if (!slot.call_id.empty()) return slot;
  reservations_.erase(entry->scheduled);
  slot.expires_at = now + options_.reservation;
  PutOn(&reservations_, slot.expires_at, entry);
  Change(entry);
  return slot;
}

absl::StatusOr<Slot> SlotLedger::Release(const SlotReference& reference, ReleaseReason reason, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  Entry* entry = Find(reference);
  if (entry == nullptr) return NoSuchSlot(reference, "is not known");
  if (entry->slot.IsLive()) End(entry, reason, now);
  return entry->slot;
}

void SlotLedger::NoteCall(const CallNews& news, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  if (const auto found = by_call_.find(news.call_id); found != by_call_.end()) {
    Entry* entry = found->second;
    if (entry->slot.subject().business_id != news.subject.business_id) return;
    Hear(entry, now);
    if (news.ended) End(entry, ReleaseReason::kCallEnded, now);
    return;
  }
  if (!news.inbound || news.ended || now - news.at >= options_.longest_silence) return;
  const std::string request_id = Concat("inbound/", news.call_id);
  const std::string slot_id = SlotIdOf(news.subject.business_id, request_id);
  if (slots_.contains(slot_id)) return;  // it has ended
  Entry* entry =
      Put({.grant = std::make_shared<SlotGrant>(SlotGrant{.slot_id = slot_id,
                                                          .fencing_token = epoch_ << kEpochShift | ++granted_,
                                                          .request_id = request_id,
                                                          .subject = news.subject,
                                                          .kind = SlotKind::kInbound,
                                                          .granted_at = now}),
           .call_id = news.call_id,
           .last_news_at = now});
  entry->heard = true;
  CountIn(entry);
  Change(entry);
}

void SlotLedger::NoteInquiry(const std::string& call_id, CallLife life, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  const auto found = by_call_.find(call_id);
  if (found == by_call_.end()) return;
  Entry* entry = found->second;
  switch (life) {
    case CallLife::kAlive:
      Hear(entry, now);
      break;
    case CallLife::kEnded:
      End(entry, ReleaseReason::kFoundEnded, now);
      break;
    case CallLife::kUnknown:
      if (now - entry->slot.last_news_at >= options_.longest_silence) End(entry, ReleaseReason::kLifetimeOver, now);
      break;
  }
}

absl::Status SlotLedger::SetLimits(const std::vector<std::pair<LevelKey, Limits>>& limits,
                                   const std::vector<LevelKey>& cleared) {
  // Seen as they would be.
  LevelBook after(options_.levels);
  for (const auto& [key, value] : book_.limits()) after.SetLimits(key, value);
  for (const LevelKey& key : cleared) after.ClearLimits(key);
  for (const auto& [key, value] : limits) after.SetLimits(key, value);
  if (after.guaranteed() > after.GlobalCeiling()) {
    return InvalidFields(
        {{"limits", Concat("guarantees of ", after.guaranteed(), " calls do not fit into the limit of ",
                           after.GlobalCeiling(), " for the whole deployment; lower some, or raise it")}});
  }
  for (const LevelKey& key : cleared) {
    book_.ClearLimits(key);
    changed_limits_.insert(key);
  }
  for (const auto& [key, value] : limits) {
    book_.SetLimits(key, value);
    changed_limits_.insert(key);
  }
  must_serve_ = true;
  return absl::OkStatus();
}

int SlotLedger::NoteRefusal(const std::string& provider_account_id, absl::Time now) {
  changed_learned_.insert(provider_account_id);
  return book_.NoteRefusal(provider_account_id, NowNotBefore(now));
}

void SlotLedger::WriteWhole(Entry* entry, std::vector<Slot>* lines) {
  lines->push_back(entry->slot);
  if (entry->line == 0) {
    entry->place_by_line = by_line_.insert(by_line_.end(), entry);
  } else {
    by_line_.splice(by_line_.end(), by_line_, entry->place_by_line);
  }
  entry->line = next_line_++;
  entry->unwritten = Unwritten::kNothing;
  entry->news_journaled = entry->slot.last_news_at;
}

void SlotLedger::WriteEnd(Entry* entry, std::vector<Slot>* lines) {
  lines->push_back(entry->slot);
  ++next_line_;
  entry->unwritten = Unwritten::kNothing;
}

LedgerChanges SlotLedger::TakeChanges() {
  LedgerChanges changes{.first_line = next_line_};
  for (Entry* entry : changed_) {
    if (entry->unwritten == Unwritten::kAll) WriteWhole(entry, &changes.slots);
  }
  for (Entry* entry : changed_) {
    if (entry->unwritten == Unwritten::kEnd) WriteEnd(entry, &changes.ended);
  }
  const int64_t longest = kLinesPerSlot * static_cast<int64_t>(slots_.size()) + kSpareLines;
  for (size_t i = 0; i < kMovedPerLine * changed_.size() && next_line_ - by_line_.front()->line > longest; ++i) {
    WriteWhole(by_line_.front(), &changes.written_again);
  }
  changed_.clear();
  changes.needed_from = by_line_.empty() ? next_line_ : by_line_.front()->line;
  for (const LevelKey& key : changed_limits_) {
    if (const auto found = book_.limits().find(key); found != book_.limits().end()) {
      changes.limits.push_back(*found);
    } else {
      changes.cleared_limits.push_back(key);
    }
  }
  changed_limits_.clear();
  for (const std::string& account_id : changed_learned_) {
    if (const auto found = book_.learned().find(account_id); found != book_.learned().end()) {
      changes.learned.push_back(*found);
    } else {
      changes.risen.push_back(account_id);
    }
  }
  changed_learned_.clear();
  return changes;
}

std::vector<Gate> SlotLedger::Explain(const Subject& subject, SlotKind kind, absl::Time now) const {
  return book_.Gates(subject, kind, std::max(now, now_), /*burst=*/false, /*all=*/true);
}

std::vector<Slot> SlotLedger::LiveSlots() const {
  std::vector<Slot> live;
  for (const auto& [slot_id, entry] : slots_) {
    if (entry->slot.IsLive()) live.push_back(entry->slot);
  }
  std::sort(live.begin(), live.end(),
            [](const Slot& a, const Slot& b) { return a.fencing_token() < b.fencing_token(); });
  return live;
}

std::vector<Slot> SlotLedger::SilentCalls(absl::Time now) const {
  return CallsWithoutNews(now, options_.silence, /*unheard_only=*/false);
}

std::vector<Slot> SlotLedger::UnheardCalls(absl::Time now) const {
  return CallsWithoutNews(now, options_.first_news, /*unheard_only=*/true);
}

std::vector<Slot> SlotLedger::CallsWithoutNews(absl::Time now, absl::Duration silence, bool unheard_only) const {
  std::vector<Slot> silent;
  for (const auto& [call_id, entry] : by_call_) {
    if (unheard_only && entry->heard) continue;
    if (now - entry->slot.last_news_at >= silence) silent.push_back(entry->slot);
  }
  std::sort(silent.begin(), silent.end(), [](const Slot& a, const Slot& b) {
    return std::pair(a.last_news_at, a.fencing_token()) < std::pair(b.last_news_at, b.fencing_token());
  });
  return silent;
}

}  // namespace trunkline::governor
