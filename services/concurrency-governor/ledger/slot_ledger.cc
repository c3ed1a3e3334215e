#include "services/concurrency-governor/ledger/slot_ledger.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::governor {
namespace {

constexpr int kEpochShift = 32;
constexpr absl::Duration kLongestRate = absl::Hours(1);

absl::Status NoSuchSlot(const SlotReference& reference, std::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_SLOT_NOT_FOUND,
               Concat("the slot of ", reference.id, " ", what), {{"id", reference.id}});
}

}  // namespace

SlotLedger::SlotLedger(LedgerOptions options, int64_t epoch)
    : options_(options), epoch_(epoch), book_(options.levels) {}

absl::Time SlotLedger::NowNotBefore(absl::Time now) { return now_ = std::max(now_, now); }

void SlotLedger::Restore(const std::vector<std::pair<LevelKey, Limits>>& limits, std::vector<Slot> slots) {
  for (const auto& [key, value] : limits) book_.SetLimits(key, value);
  // Rates count in the order of time.
  std::sort(slots.begin(), slots.end(), [](const Slot& a, const Slot& b) {
    return std::pair(a.granted_at, a.fencing_token) < std::pair(b.granted_at, b.fencing_token);
  });
  for (Slot& slot : slots) {
    now_ = std::max(now_, slot.released_at.value_or(slot.granted_at));
    if (slot.kind != SlotKind::kInbound) book_.NoteBegin(slot.subject, slot.granted_at);
    if (slot.IsLive()) {
      Begin(std::move(slot));
    } else {
      ended_.insert({ForgetAt(slot), slot.slot_id});
      const std::string slot_id = slot.slot_id;
      slots_.emplace(slot_id, std::move(slot));
    }
  }
}

Slot* SlotLedger::Begin(Slot slot) {
  book_.Add(slot.subject, slot.kind);
  ++live_;
  if (slot.call_id.empty()) {
    reservations_.insert({slot.expires_at, slot.slot_id});
  } else {
    by_call_[slot.call_id] = slot.slot_id;
  }
  const std::string slot_id = slot.slot_id;
  return &slots_.insert_or_assign(slot_id, std::move(slot)).first->second;
}

Slot* SlotLedger::Find(const SlotReference& reference) {
  std::string slot_id = reference.id;
  if (reference.by == SlotReference::By::kRequest) slot_id = SlotIdOf(reference.business_id, reference.id);
  if (reference.by == SlotReference::By::kCall) {
    const auto found = by_call_.find(reference.id);
    if (found == by_call_.end()) return nullptr;
    slot_id = found->second;
  }
  const auto found = slots_.find(slot_id);
  if (found == slots_.end() || found->second.subject.business_id != reference.business_id) return nullptr;
  if (reference.fencing_token != 0 && found->second.fencing_token != reference.fencing_token) return nullptr;
  return &found->second;
}

absl::StatusOr<Slot*> SlotLedger::FindLive(const SlotReference& reference) {
  Slot* slot = Find(reference);
  if (slot == nullptr) return NoSuchSlot(reference, "is not known");
  if (!slot->IsLive()) return NoSuchSlot(reference, "has ended");
  return slot;
}

absl::Status SlotLedger::Tie(Slot* slot, const std::string& call_id, absl::Time now) {
  if (slot->call_id == call_id) return absl::OkStatus();
  const SlotReference reference{.id = slot->slot_id};
  if (!slot->call_id.empty()) return NoSuchSlot(reference, "belongs to another call");
  if (by_call_.contains(call_id)) return NoSuchSlot(reference, "cannot be bound: its call has another slot already");
  reservations_.erase({slot->expires_at, slot->slot_id});
  slot->call_id = call_id;
  slot->expires_at = absl::InfiniteFuture();
  slot->last_news_at = now;
  by_call_[call_id] = slot->slot_id;
  changed_.insert(slot->slot_id);
  return absl::OkStatus();
}

void SlotLedger::End(Slot* slot, ReleaseReason reason, absl::Time now) {
  if (slot->call_id.empty()) {
    reservations_.erase({slot->expires_at, slot->slot_id});
  } else {
    by_call_.erase(slot->call_id);
  }
  slot->released_at = now;
  slot->reason = reason;
  book_.Remove(slot->subject, slot->kind);
  --live_;
  ended_.insert({ForgetAt(*slot), slot->slot_id});
  changed_.insert(slot->slot_id);
  must_serve_ = true;
}

void SlotLedger::Decide(const std::vector<Ticket>& tickets, Decision decision) {
  for (const Ticket ticket : tickets) {
    decision.ticket = ticket;
    decisions_.push_back(decision);
  }
}

void SlotLedger::Acquire(Ticket ticket, const SlotWish& wish, absl::Time deadline, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  const std::string slot_id = SlotIdOf(wish.subject.business_id, wish.request_id);
  if (WaitingRequest* waiting = waiting_.Find(slot_id); waiting != nullptr) {
    if (waiting->wish.subject != wish.subject) return Decide({ticket}, {.outcome = Decision::Outcome::kReused});
    waiting->tickets.push_back(ticket);
    return;
  }
  if (const auto found = slots_.find(slot_id); found != slots_.end()) {
    Slot& slot = found->second;
    Decision decision{.outcome = Decision::Outcome::kGranted};
    const bool same = slot.subject == wish.subject;
    if (same && !slot.IsLive()) {
      decision.outcome = Decision::Outcome::kEnded;
    } else if (!same || (!wish.call_id.empty() && !Tie(&slot, wish.call_id, now).ok())) {
      decision.outcome = Decision::Outcome::kReused;
    }
    decision.slot = slot;
    return Decide({ticket}, std::move(decision));
  }
  WaitingRequest request{.slot_id = slot_id, .wish = wish, .deadline = deadline, .tickets = {ticket}};
  if (waiting_.size() >= options_.most_waiting) return Refuse(request, now);
  waiting_.Add(std::move(request));
  must_serve_ = true;
}

void SlotLedger::Grant(const WaitingRequest& request, absl::Time now) {
  const SlotWish& wish = request.wish;
  Slot slot{.slot_id = request.slot_id,
            .fencing_token = epoch_ << kEpochShift | ++granted_,
            .request_id = wish.request_id,
            .subject = wish.subject,
            .kind = wish.kind,
            .granted_at = now,
            .last_news_at = now};
  // A call has one slot: when it has one already, this one stays a reservation, and is seen as such.
  if (!by_call_.contains(wish.call_id)) slot.call_id = wish.call_id;
  if (slot.call_id.empty()) slot.expires_at = now + options_.reservation;
  book_.NoteBegin(wish.subject, now);
  changed_.insert(slot.slot_id);
  const Slot* granted = Begin(std::move(slot));
  Decide(request.tickets, {.outcome = Decision::Outcome::kGranted, .slot = *granted});
}

void SlotLedger::Refuse(const WaitingRequest& request, absl::Time now) {
  Decision decision{.outcome = Decision::Outcome::kRefused,
                    .shut = book_.Gates(request.wish.subject, request.wish.kind, now, /*burst=*/false)};
  decision.retry_after = decision.shut.empty() ? options_.retry_after : absl::ZeroDuration();
  for (const Gate& gate : decision.shut) {
    const absl::Duration delay = gate.next == absl::InfiniteFuture() ? options_.retry_after : gate.next - now;
    decision.retry_after = std::max(decision.retry_after, delay);
  }
  Decide(request.tickets, std::move(decision));
}

void SlotLedger::ExpireReservations(absl::Time now) {
  while (!reservations_.empty() && reservations_.begin()->first <= now) {
    End(&slots_.at(reservations_.begin()->second), ReleaseReason::kExpired, now);
  }
}

absl::Time SlotLedger::ForgetAt(const Slot& slot) const {
  const absl::Time after_memory = *slot.released_at + options_.memory;
  // A new leader counts it for the rates.
  for (const LevelKey& key : slot.subject.Levels()) {
    const auto limits = book_.limits().find(key);
    if (limits != book_.limits().end() && limits->second.rates.per_hour > 0) {
      return std::max(after_memory, slot.granted_at + kLongestRate);
    }
  }
  return after_memory;
}

void SlotLedger::Forget(absl::Time now) {
  while (!ended_.empty() && ended_.begin()->first <= now) {
    const std::string slot_id = ended_.begin()->second;
    ended_.erase(ended_.begin());
    // Limits may have changed since.
    if (const absl::Time forget_at = ForgetAt(slots_.at(slot_id)); forget_at > now) {
      ended_.insert({forget_at, slot_id});
      continue;
    }
    slots_.erase(slot_id);
    changed_.erase(slot_id);
    forgotten_.push_back(slot_id);
  }
}

void SlotLedger::Advance(absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  ExpireReservations(now);
  Forget(now);
  if (must_serve_ || serve_at_ <= now) {
    must_serve_ = false;
    const auto grant = [&](const WaitingRequest& request) { Grant(request, now); };
    const absl::Time ordinary = order_.Serve(book_, now, /*burst=*/false, &waiting_, grant);
    const absl::Time beyond = order_.Serve(book_, now, /*burst=*/true, &waiting_, grant);
    serve_at_ = std::min(ordinary, beyond);
  }
  WaitingRequest overdue;
  while (waiting_.TakeOverdue(now, &overdue)) Refuse(overdue, now);
}

absl::Time SlotLedger::NextWake() const {
  absl::Time next = std::min(waiting_.NextDeadline(), waiting_.size() == 0 ? absl::InfiniteFuture() : serve_at_);
  if (!reservations_.empty()) next = std::min(next, reservations_.begin()->first);
  if (!ended_.empty()) next = std::min(next, ended_.begin()->first);
  return must_serve_ ? now_ : next;
}

absl::StatusOr<Slot> SlotLedger::Bind(const SlotReference& reference, const std::string& call_id, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  TL_ASSIGN_OR_RETURN(Slot * slot, FindLive(reference));
  TL_RETURN_IF_ERROR(Tie(slot, call_id, now));
  return *slot;
}

absl::StatusOr<Slot> SlotLedger::Renew(const SlotReference& reference, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  TL_ASSIGN_OR_RETURN(Slot * slot, FindLive(reference));
  if (!slot->call_id.empty()) return *slot;
  reservations_.erase({slot->expires_at, slot->slot_id});
  slot->expires_at = now + options_.reservation;
  reservations_.insert({slot->expires_at, slot->slot_id});
  changed_.insert(slot->slot_id);
  return *slot;
}

absl::StatusOr<Slot> SlotLedger::Release(const SlotReference& reference, ReleaseReason reason, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  Slot* slot = Find(reference);
  if (slot == nullptr) return NoSuchSlot(reference, "is not known");
  if (slot->IsLive()) End(slot, reason, now);
  return *slot;
}

void SlotLedger::NoteCall(const CallNews& news, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  if (const auto found = by_call_.find(news.call_id); found != by_call_.end()) {
    Slot& slot = slots_.at(found->second);
    if (slot.subject.business_id != news.subject.business_id) return;
    slot.last_news_at = now;
    if (news.ended) End(&slot, ReleaseReason::kCallEnded, now);
    return;
  }
  if (!news.inbound || news.ended || now - news.at >= options_.longest_silence) return;
  const std::string request_id = Concat("inbound/", news.call_id);
  const std::string slot_id = SlotIdOf(news.subject.business_id, request_id);
  if (slots_.contains(slot_id)) return;  // it has ended
  changed_.insert(slot_id);
  Begin({.slot_id = slot_id,
         .fencing_token = epoch_ << kEpochShift | ++granted_,
         .request_id = request_id,
         .subject = news.subject,
         .kind = SlotKind::kInbound,
         .call_id = news.call_id,
         .granted_at = now,
         .last_news_at = now});
}

void SlotLedger::NoteInquiry(const std::string& call_id, CallLife life, absl::Time time) {
  const absl::Time now = NowNotBefore(time);
  const auto found = by_call_.find(call_id);
  if (found == by_call_.end()) return;
  Slot& slot = slots_.at(found->second);
  switch (life) {
    case CallLife::kAlive:
      slot.last_news_at = now;
      break;
    case CallLife::kEnded:
      End(&slot, ReleaseReason::kFoundEnded, now);
      break;
    case CallLife::kUnknown:
      if (now - slot.last_news_at >= options_.longest_silence) End(&slot, ReleaseReason::kLifetimeOver, now);
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
  return book_.NoteRefusal(provider_account_id, NowNotBefore(now));
}

LedgerChanges SlotLedger::TakeChanges() {
  LedgerChanges changes;
  changes.slots.reserve(changed_.size());
  for (const std::string& slot_id : changed_) changes.slots.push_back(slots_.at(slot_id));
  changed_.clear();
  changes.forgotten = std::exchange(forgotten_, {});
  for (const LevelKey& key : changed_limits_) {
    if (const auto found = book_.limits().find(key); found != book_.limits().end()) {
      changes.limits.push_back(*found);
    } else {
      changes.cleared_limits.push_back(key);
    }
  }
  changed_limits_.clear();
  return changes;
}

std::vector<Gate> SlotLedger::Explain(const Subject& subject, SlotKind kind, absl::Time now) const {
  return book_.Gates(subject, kind, std::max(now, now_), /*burst=*/false, /*all=*/true);
}

std::vector<Slot> SlotLedger::LiveSlots() const {
  std::vector<Slot> live;
  for (const auto& [slot_id, slot] : slots_) {
    if (slot.IsLive()) live.push_back(slot);
  }
  std::sort(live.begin(), live.end(), [](const Slot& a, const Slot& b) { return a.fencing_token < b.fencing_token; });
  return live;
}

std::vector<Slot> SlotLedger::SilentCalls(absl::Time now) const {
  std::vector<Slot> silent;
  for (const auto& [call_id, slot_id] : by_call_) {
    const Slot& slot = slots_.at(slot_id);
    if (now - slot.last_news_at >= options_.silence) silent.push_back(slot);
  }
  std::sort(silent.begin(), silent.end(), [](const Slot& a, const Slot& b) {
    return std::pair(a.last_news_at, a.fencing_token) < std::pair(b.last_news_at, b.fencing_token);
  });
  return silent;
}

}  // namespace trunkline::governor
