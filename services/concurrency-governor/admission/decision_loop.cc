#include "services/concurrency-governor/admission/decision_loop.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <map>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/stopwatch.h"

namespace trunkline::governor {
namespace {

absl::Status NotLeader(const std::string& leader) {
  if (leader.empty()) {
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_NOT_LEADER,
                                "no replica decides at this moment; one takes over soon"),
                          absl::Milliseconds(200));
  }
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_NOT_LEADER,
               "another replica decides; ask the one that is named", {{"leader", leader}});
}

absl::Status Away() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                              "the journal of slots cannot be written now, so nothing is "
                              "granted; ask again with the same request_id"),
                        absl::Seconds(1));
}

absl::Status ShuttingDown() {
  return WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, Reason::REASON_SHUTTING_DOWN, "this replica stops; ask another"),
      absl::Milliseconds(200));
}

std::string_view NameOf(Decision::Outcome outcome) {
  switch (outcome) {
    case Decision::Outcome::kGranted:
      return "granted";
    case Decision::Outcome::kRefused:
      return "refused";
    case Decision::Outcome::kReused:
      return "reused";
    case Decision::Outcome::kEnded:
      return "ended";
  }
  return "";
}

std::string_view NameOf(ReleaseReason reason) {
  switch (reason) {
    case ReleaseReason::kNone:
      return "none";
    case ReleaseReason::kCallEnded:
      return "call_ended";
    case ReleaseReason::kReturned:
      return "returned";
    case ReleaseReason::kExpired:
      return "expired";
    case ReleaseReason::kFoundEnded:
      return "found_ended";
    case ReleaseReason::kLifetimeOver:
      return "lifetime_over";
  }
  return "";
}

void CountReleases(const LedgerChanges& changes, GovernorMetrics& metrics) {
  std::map<ReleaseReason, int64_t> reasons;
  for (const std::vector<Slot>* slots : {&changes.slots, &changes.ended}) {
    for (const Slot& slot : *slots) {
      if (!slot.IsLive()) ++reasons[slot.reason];
    }
  }
  for (const auto& [reason, count] : reasons) metrics.CountReleases(NameOf(reason), count);
}

}  // namespace

DecisionLoop::DecisionLoop(Parts parts, Options options)
    : parts_(parts),
      options_(options),
      refusal_(NotLeader("")),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

DecisionLoop::~DecisionLoop() { Stop(); }

void DecisionLoop::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  telling_.Finish();
}

void DecisionLoop::AcquireAll(std::vector<SlotWish> wishes, absl::Duration wait, Decided decided) {
  // A digest, which the caller's thread has more time for than the loop's.
  for (SlotWish& wish : wishes) wish.slot_id = SlotIdOf(wish.subject.business_id, wish.request_id);
  const auto shared = std::make_shared<const Decided>(std::move(decided));
  const auto asked = std::make_shared<bool>(false);
  const size_t count = wishes.size();
  Do(
      [this, asked, shared, wait, wishes = std::move(wishes)](SlotLedger& ledger, absl::Time now) mutable {
        *asked = true;
        asked_.emplace_hint(asked_.end(), tickets_ + 1,
                            Asked{shared, std::vector<bool>(wishes.size(), true), wishes.size()});
        for (SlotWish& wish : wishes) ledger.Acquire(++tickets_, std::move(wish), now + wait, now);
      },
      // Once the ledger was asked, the wishes are answered by what is decided.
      [asked, shared, count](const absl::Status& status) {
        if (*asked) return;
        for (size_t i = 0; i < count; ++i) (*shared)(i, status);
      });
}

void DecisionLoop::Do(Work work, Done done, Positions positions) {
  Command command{std::move(work), std::move(done), std::move(positions)};
  if (const absl::Status refusal = Take(command); !refusal.ok()) return command.done(refusal);
  added_.notify_one();
}

absl::Status DecisionLoop::Take(Command& command) {
  const std::lock_guard lock(mutex_);
  if (!lead_.has_value()) return refusal_;
  if (commands_.size() >= options_.most_commands) return Away();
  commands_.push_back(std::move(command));
  return absl::OkStatus();
}

absl::Status DecisionLoop::DoAndWait(const std::function<absl::Status(SlotLedger&, absl::Time)>& work,
                                     Positions positions) {
  struct Shared {
    absl::Status own;
    std::promise<absl::Status> done;
  };
  const auto shared = std::make_shared<Shared>();
  Do([shared, &work](SlotLedger& ledger, absl::Time now) { shared->own = work(ledger, now); },
     [shared](const absl::Status& status) { shared->done.set_value(status.ok() ? shared->own : status); },
     std::move(positions));
  return shared->done.get_future().get();
}

std::optional<DecisionLoop::Lead> DecisionLoop::lead() const {
  const std::lock_guard lock(mutex_);
  return lead_;
}

absl::Status DecisionLoop::status() const {
  const std::lock_guard lock(mutex_);
  if (lead_.has_value() || refusal_.code() == absl::StatusCode::kFailedPrecondition) return absl::OkStatus();
  return refusal_;
}

uint64_t DecisionLoop::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void DecisionLoop::SetState(absl::Status refusal, std::optional<Lead> lead) {
  parts_.metrics.SetLeader(lead.has_value());
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(refusal);
  lead_ = std::move(lead);
}

void DecisionLoop::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (ledger_ == nullptr) Stand();
    if (ledger_ != nullptr) {
      DecideBatch(stop);
    } else {
      std::unique_lock lock(mutex_);
      added_.wait_for(lock, stop, absl::ToChronoMilliseconds(options_.election), [] { return false; });
    }
  }
  SetState(ShuttingDown(), std::nullopt);
  RefuseWaiting(ShuttingDown());
  ledger_.reset();
  parts_.journal.StepDown();
}

void DecisionLoop::Stand() {
  absl::StatusOr<Election> election = parts_.journal.Stand();
  if (!election.ok()) {
    LogWarning("the journal of slots is away", {{"error", election.status()}});
    return SetState(Away(), std::nullopt);
  }
  if (!election->won.has_value()) return SetState(NotLeader(election->leader), std::nullopt);
  JournalContents& contents = *election->won;
  LogInfo("leads", {{"epoch", contents.epoch}, {"slots", static_cast<int64_t>(contents.slots.slots().size())}});
  ledger_ = std::make_unique<SlotLedger>(options_.ledger, contents.epoch);
  ledger_->Restore(contents.limits, contents.slots, contents.learned);
  SetState({}, Lead{.epoch = contents.epoch, .positions = std::move(contents.positions)});
}

std::vector<DecisionLoop::Command> DecisionLoop::TakeBatch(const std::stop_token& stop) {
  const absl::Time now = parts_.clock.Now();
  const absl::Duration patience = std::min(ledger_->NextWake(), sign_of_life_due_) - now;
  std::unique_lock lock(mutex_);
  // A little over, so that the time has come when it wakes.
  if (patience > absl::ZeroDuration()) {
    added_.wait_for(lock, stop, absl::ToChronoMicroseconds(patience) + std::chrono::microseconds(1),
                    [this] { return !commands_.empty(); });
  }
  return std::exchange(commands_, {});
}

void DecisionLoop::DecideBatch(const std::stop_token& stop) {
  std::vector<Command> batch = TakeBatch(stop);
  const absl::Time now = parts_.clock.Now();
  Positions positions;
  for (Command& command : batch) {
    command.work(*ledger_, now);
    for (const auto& [partition, next_offset] : command.positions) positions[partition] = next_offset;
  }
  ledger_->Advance(now);
  const LedgerChanges changes = ledger_->TakeChanges();
  std::vector<Answer> answers = AnswersOf(ledger_->TakeDecisions());

  if (!changes.empty() || !positions.empty() || now >= sign_of_life_due_) {
    Stopwatch stopwatch(parts_.clock);
    if (const absl::Status committed = parts_.journal.Commit(changes, positions); !committed.ok()) {
      return StandDown(committed, std::move(batch), std::move(answers));
    }
    parts_.metrics.ObserveCommit(stopwatch.Lap(), batch.size());
    sign_of_life_due_ = now + options_.sign_of_life;
  }
  CountReleases(changes, parts_.metrics);
  parts_.metrics.SetLedger(ledger_->live(), ledger_->waiting().size());
  if (!changes.empty()) {
    const std::lock_guard lock(mutex_);
    ++changes_;
  }
  telling_.Tell([this, commands = std::move(batch), answers = std::move(answers)] {
    for (const Command& command : commands) command.done(absl::OkStatus());
    std::map<Decision::Outcome, int64_t> outcomes;
    for (const Answer& answer : answers) ++outcomes[answer.decision->outcome];
    for (const auto& [outcome, count] : outcomes) parts_.metrics.CountDecisions(NameOf(outcome), count);
    Tell(answers);
  });
}

std::vector<DecisionLoop::Answer> DecisionLoop::AnswersOf(std::vector<Decision> decisions) {
  std::vector<Answer> answers;
  answers.reserve(decisions.size());
  for (Decision& decision : decisions) {
    const auto asked = std::prev(asked_.upper_bound(decision.ticket));
    auto& [first, wishes] = *asked;
    const size_t index = decision.ticket - first;
    answers.push_back({wishes.decided, index, std::move(decision)});
    wishes.open[index] = false;
    if (--wishes.left == 0) asked_.erase(asked);
  }
  return answers;
}

void DecisionLoop::Tell(const std::vector<Answer>& answers) {
  for (const Answer& answer : answers) (*answer.decided)(answer.index, answer.decision);
}

void DecisionLoop::StandDown(const absl::Status& cause, std::vector<Command> batch, std::vector<Answer> answers) {
  LogWarning("a commit failed; the leader stands down", {{"error", cause}});
  parts_.metrics.CountLostLeadership();
  const absl::Status refusal = cause.code() == absl::StatusCode::kFailedPrecondition ? NotLeader("") : Away();
  SetState(refusal, std::nullopt);
  ledger_.reset();
  parts_.journal.StepDown();
  for (Answer& answer : answers) answer.decision = refusal;
  telling_.Tell([commands = std::move(batch), answers = std::move(answers), refusal] {
    for (const Command& command : commands) command.done(refusal);
    Tell(answers);
  });
  RefuseWaiting(refusal);
}

void DecisionLoop::RefuseWaiting(const absl::Status& status) {
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands = std::exchange(commands_, {});
  }
  std::vector<Answer> answers;
  for (const auto& [first, wishes] : std::exchange(asked_, {})) {
    for (size_t i = 0; i < wishes.open.size(); ++i) {
      if (wishes.open[i]) answers.push_back({wishes.decided, i, status});
    }
  }
  telling_.Tell([commands = std::move(commands), answers = std::move(answers), status] {
    for (const Command& command : commands) command.done(status);
    Tell(answers);
  });
}

}  // namespace trunkline::governor
