#include "services/campaign-scheduler/simulation/model_governor.h"

#include <algorithm>
#include <memory>

#include "libs/base/status.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kSweep = absl::Minutes(1);
constexpr absl::Duration kRetry = absl::Milliseconds(500);
// Lines of the journal that go at once: looking for them takes a while.
constexpr int64_t kDeletedAtOnce = 1'000;

absl::StatusOr<governor::Slot> AnswerOf(const governor::Decision& decision) {
  switch (decision.outcome) {
    case governor::Decision::Outcome::kGranted:
      return decision.slot;
    case governor::Decision::Outcome::kEnded:
      return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_SLOT_NOT_FOUND, "the slot has ended");
    case governor::Decision::Outcome::kReused:
      return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_REQUEST_ID_REUSED, "for something else");
    case governor::Decision::Outcome::kRefused:
      break;
  }
  return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "no slot is free"),
                        decision.retry_after);
}

}  // namespace

ModelGovernor::ModelGovernor(EventQueue& queue, Chance& chance, governor::LedgerOptions options, Inquire inquire,
                             Committed committed, double stall)
    : queue_(queue),
      chance_(chance),
      options_(options),
      inquire_(std::move(inquire)),
      committed_(std::move(committed)),
      stall_(stall) {
  Lead();
  queue_.After(kSweep, [this] { Sweep(); });
}

void ModelGovernor::Lead() {
  ledger_ = std::make_unique<governor::SlotLedger>(options_, ++epoch_);
  ledger_->Restore({limits_.begin(), limits_.end()}, journal_, {learned_.begin(), learned_.end()});
  commands_.clear();
  replies_.clear();
  tickets_.clear();
  committing_ = false;
  planned_ = absl::InfiniteFuture();
  Plan(queue_.now());
}

void ModelGovernor::Crash(absl::Duration until_back) {
  if (ledger_ == nullptr) return;
  ledger_.reset();
  queue_.After(until_back, [this] { Lead(); });
}

void ModelGovernor::Add(Command command) {
  if (ledger_ == nullptr) return;
  commands_.push_back(std::move(command));
  Plan(queue_.now() + absl::Milliseconds(1));
}

void ModelGovernor::Plan(absl::Time at) {
  if (at >= planned_) return;
  planned_ = at;
  queue_.At(at, [this, at, epoch = epoch_] {
    if (epoch != epoch_ || planned_ != at) return;
    planned_ = absl::InfiniteFuture();
    // A commit is under way: what waits comes with the next one.
    if (ledger_ != nullptr && !committing_) Cycle();
  });
}

void ModelGovernor::Cycle() {
  for (const Command& command : std::exchange(commands_, {})) command(*ledger_, queue_.now());
  ledger_->Advance(queue_.now());
  governor::LedgerChanges changes = ledger_->TakeChanges();
  std::vector<governor::Decision> decisions = ledger_->TakeDecisions();
  committing_ = true;
  const auto committed = [this, epoch = epoch_, changes = std::move(changes), decisions = std::move(decisions),
                          replies = std::exchange(replies_, {})]() {
    if (epoch != epoch_) return;  // another leads
    // With a crash by now nobody knows whether it was committed.
    if (ledger_ == nullptr && chance_.Happens(0.5)) return;
    Apply(changes);
    if (ledger_ == nullptr) return;
    most_live_ = std::max(most_live_, ledger_->live());
    committing_ = false;
    for (const auto& reply : replies) reply();
    for (const governor::Decision& decision : decisions) {
      auto ticket = tickets_.extract(decision.ticket);
      if (!ticket.empty()) ticket.mapped()(AnswerOf(decision));
    }
    Plan(commands_.empty() ? std::max(ledger_->NextWake(), queue_.now()) : queue_.now());
  };
  if (!chance_.Happens(stall_)) {
    return queue_.After(chance_.Between(absl::Milliseconds(1), absl::Milliseconds(4)), committed);
  }
  Crash(chance_.Between(absl::Seconds(1), absl::Seconds(10)));
  queue_.After(chance_.Between(absl::Seconds(11), absl::Seconds(60)), committed);
}

void ModelGovernor::Apply(const governor::LedgerChanges& changes) {
  committed_(changes);
  for (const auto& [key, limits] : changes.limits) limits_[key] = limits;
  for (const governor::LevelKey& key : changes.cleared_limits) limits_.erase(key);
  journal_.Read(changes);
  if (changes.needed_from >= deleted_until_ + kDeletedAtOnce) {
    deleted_until_ = changes.needed_from;
    journal_.Forget(deleted_until_);
  }
  for (const auto& [account_id, ceiling] : changes.learned) learned_[account_id] = ceiling;
  for (const std::string& account_id : changes.risen) learned_.erase(account_id);
}

void ModelGovernor::Acquire(const governor::SlotWish& wish, absl::Duration wait, Granted done) {
  Add([this, wish, wait, done = std::move(done)](governor::SlotLedger& ledger, absl::Time now) {
    tickets_[next_ticket_] = done;
    ledger.Acquire(next_ticket_++, wish, now + wait, now);
  });
}

void ModelGovernor::Bind(const std::string& business_id, const std::string& slot_id, const std::string& call_id,
                         Granted done) {
  Add([this, business_id, slot_id, call_id, done = std::move(done)](governor::SlotLedger& ledger, absl::Time now) {
    const absl::StatusOr<governor::Decision> bound =
        ledger.Bind({.business_id = business_id, .id = slot_id}, call_id, {}, now);
    replies_.push_back(
        [done, slot = bound.ok() ? absl::StatusOr<governor::Slot>(bound->slot) : bound.status()] { done(slot); });
  });
}

void ModelGovernor::Release(const std::string& business_id, const std::string& slot_id) {
  Add([business_id, slot_id](governor::SlotLedger& ledger, absl::Time now) {
    (void)ledger.Release({.business_id = business_id, .id = slot_id}, governor::ReleaseReason::kReturned, now);
  });
}

void ModelGovernor::Surely(Command command) {
  const auto done = std::make_shared<bool>(false);
  Add([this, command, done](governor::SlotLedger& ledger, absl::Time now) {
    command(ledger, now);
    replies_.push_back([done] { *done = true; });
  });
  queue_.After(kRetry, [this, command = std::move(command), done] {
    if (!*done) Surely(command);
  });
}

void ModelGovernor::NoteEnded(const governor::CallNews& news) {
  Surely([news](governor::SlotLedger& ledger, absl::Time now) { ledger.NoteCall(news, now); });
}

void ModelGovernor::LimitCampaign(const std::string& campaign_id, int max_concurrent_calls) {
  const governor::LevelKey key{.level = governor::Level::kCampaign, .id = campaign_id};
  Surely([key, max_concurrent_calls](governor::SlotLedger& ledger, absl::Time /*now*/) {
    if (max_concurrent_calls > 0) {
      (void)ledger.SetLimits({{key, governor::Limits{.concurrency = max_concurrent_calls}}}, {});
    } else {
      (void)ledger.SetLimits({}, {key});
    }
  });
}

void ModelGovernor::SetLimits(const governor::LevelKey& key, const governor::Limits& limits) {
  Surely([key, limits](governor::SlotLedger& ledger, absl::Time /*now*/) {
    (void)ledger.SetLimits({{key, limits}}, {});
  });
}

void ModelGovernor::Sweep() {
  queue_.After(kSweep, [this] { Sweep(); });
  if (ledger_ == nullptr) return;
  for (const governor::Slot& slot : ledger_->SilentCalls(queue_.now())) {
    const governor::CallLife life = inquire_(slot.call_id);
    Add([call_id = slot.call_id, life](governor::SlotLedger& ledger, absl::Time now) {
      ledger.NoteInquiry(call_id, life, now);
    });
  }
}

}  // namespace trunkline::scheduler
