#include "services/call-tracking-sync/runs/pass_runner.h"

#include <algorithm>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"
#include "services/call-tracking-sync/passes/change_walk.h"
#include "services/call-tracking-sync/passes/window_reading.h"
#include "services/call-tracking-sync/runs/page_doubts.h"
#include "services/call-tracking-sync/runs/page_facts.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::CallPage;
using tracking::Resource;
namespace v1 = tracking::v1;

constexpr absl::Duration kLook = absl::Seconds(1);
// So long a request may wait for its turn; a pass whose turn comes later lets others go first.
constexpr absl::Duration kTurn = absl::Seconds(2);
constexpr absl::Duration kSoon = absl::Milliseconds(300);
constexpr absl::Duration kRest = absl::Minutes(1);  // after a failure that does not pass by itself
constexpr double kMostBad = 0.2;
// Ids of calls of a window that is read.
constexpr size_t kMostRemembered = 20'000;

absl::StatusOr<CallPage> ListPage(const PageRequest& request) {
  tracking::CallQuery query = QueryOf(request.pass, request.run);
  query.without_columns = request.without_columns;
  const Asking asking(request.pass.priority, kTurn);
  const TrackedAccount& account = *request.account;
  return account.platform->Client().ListCalls(account.account, query, request.run.window.position);
}

}  // namespace

PassRunner::PassRunner(const AccountParts& parts, Ownership owner, CommitRecords commit)
    : parts_(parts),
      owner_(std::move(owner)),
      commit_(std::move(commit)),
      beginning_(parts_, owner_, commit_),
      live_(parts_),
      ahead_(&ListPage, parts_.clock) {}

PlanInput PassRunner::Input() const {
  const ResourceLimits limits = LimitsOf(*planned_.tracked);
  return {.now = parts_.clock.Now(),
          .server_now = ServerNow(),
          .known_since = planned_.state.known_since,
          .is_clock_sure = planned_.clock.offset().has_value(),
          .allowance = {.per_day = limits[static_cast<size_t>(Resource::kCallList)].per_day,
                        .left = parts_.budget.Left(owner_.account_id, Resource::kCallList, Priority::kRescan)}};
}

Resource PassRunner::ResourceOf(const Pass& pass) const {
  return pass.procedure == Procedure::kLiveCalls ? Resource::kCallDetail : Resource::kCallList;
}

absl::Status PassRunner::Load() {
  TL_ASSIGN_OR_RETURN(planned_.state, parts_.store.Read(owner_.account_id));
  is_loaded_ = true;
  parts_.budget.SetResting(owner_.account_id, planned_.state.is_paused);
  planned_.Plan(parts_.clock.Now());
  return absl::OkStatus();
}

absl::Status PassRunner::LookForNews() {
  const absl::Time now = parts_.clock.Now();
  const TrackedAccountPtr latest = parts_.accounts.Find(owner_.account_id);
  const bool changed = latest != planned_.tracked;
  planned_.tracked = latest;
  if (planned_.tracked == nullptr) return absl::OkStatus();
  if (changed) TL_RETURN_IF_ERROR(parts_.budget.Take(planned_.account(), LimitsOf(*planned_.tracked), owner_.epoch));
  if (!is_loaded_) return Load();
  if (!changed && now - looked_at_ < kLook) return absl::OkStatus();
  looked_at_ = now;
  TL_ASSIGN_OR_RETURN(AccountStore::News news, parts_.store.ReadNews(owner_.account_id));
  planned_.state.is_paused = news.is_paused;
  parts_.budget.SetResting(owner_.account_id, news.is_paused);
  planned_.state.order_violated = news.order_violated;
  planned_.state.runs = std::move(news.runs);
  planned_.Plan(parts_.clock.Now());
  return absl::OkStatus();
}

absl::StatusOr<StepResult> PassRunner::Step() {
  TL_RETURN_IF_ERROR(LookForNews());
  const absl::Time now = parts_.clock.Now();
  if (planned_.tracked == nullptr) return StepResult{.over = true};
  if (planned_.state.is_paused) return StepResult{.wake_at = now + kLook};
  if (!is_begun_) {
    if (const absl::Status begun = beginning_.Begin(&planned_); !begun.ok()) {
      if (absl::IsFailedPrecondition(begun) && !tracking::TrackingErrorOf(begun).has_value()) {
        return StepResult{.over = true};
      }
      LogWarning("an account's first requests failed; trying again",
                 {{"provider_account_id", owner_.account_id}, {"error", begun}});
      TL_RETURN_IF_ERROR(parts_.store.SetError(owner_, ToStd(begun.message())));
      return StepResult{.wake_at = now + RetryAfterOf(begun).value_or(absl::Seconds(5))};
    }
    is_begun_ = true;
    looked_at_ = absl::InfinitePast();  // what it found to be read begins at once
  }
  while (true) {
    // Anew each time: the first requests of an account take their time, and a pass put off must not be due again.
    const PlanInput input = Input();
    const PlanStep step = PlanNext(planned_.passes, input);
    if (!step.pass.has_value()) return StepResult{.wake_at = std::min(step.wake_at, input.now + kLook)};
    PassState& state = planned_.passes[*step.pass];
    const absl::Time earliest =
        parts_.budget.EarliestAt(owner_.account_id, ResourceOf(state.pass), state.pass.priority);
    if (earliest <= input.now + kSoon || ahead_.Holds(state.pass.name)) return RunPass(*step.pass, step.begins_run);
    state.not_before = std::min(earliest, input.now + kRest);
  }
}

absl::StatusOr<StepResult> PassRunner::RunPass(size_t index, bool begins) {
  PassState& state = planned_.passes[index];
  if (state.pass.procedure == Procedure::kLiveCalls) return ReadLive(state, begins);
  return ReadPage(state, begins);
}

absl::StatusOr<StepResult> PassRunner::ReadPage(PassState& state, bool begins) {
  Memory& memory = memory_[state.pass.name];
  if (begins) {
    if (beginning_.MustProbe(planned_) && state.pass.priority == Priority::kRescan) {
      const Asking asking(Priority::kRescan, kTurn);
      if (const absl::Status probed = beginning_.Probe(&planned_); !probed.ok())
        return DealWith(state, PassRun(), begins, probed);
      return StepResult{};
    }
    memory = {.is_resumed = true};
    std::optional<PassRun> begun = BeginRun(state, Input());
    if (!begun.has_value()) {
      state.not_before = parts_.clock.Now() + std::min(state.pass.period, kRest);
      return StepResult{};
    }
    state.checkpoint.run = std::move(begun);
    state.checkpoint.counters = {};
    planned_.state.checkpoints[state.pass.name] = state.checkpoint;
  }
  PassRun run = *state.checkpoint.run;
  if (!std::exchange(memory.is_resumed, true)) run = Resumed(std::move(run));
  if (IsStale(run, ServerNow())) {
    run.window.position.reset();
    run.window.started_at = ServerNow();
  }
  if (!run.window.position.has_value()) {
    memory.seen.clear();
    memory.saw_all = true;
  }

  const PageRequest request{planned_.tracked, state.pass, run, planned_.state.without_columns};
  std::optional<ReadAhead::Page> taken = ahead_.Take(request);
  absl::StatusOr<CallPage> page = taken.has_value() ? *std::move(taken) : ListPage(request);
  if (!page.ok()) return DealWith(state, run, begins, page.status());
  memory.attempts = 0;
  planned_.clock.Learn(page->receipt);

  // A walk may be long, as may a list without a total, and nobody counts what it saw.
  if (state.pass.procedure == Procedure::kChangeWalk ||
      (!page->total.has_value() && memory.seen.size() > kMostRemembered)) {
    memory.seen.clear();
    memory.saw_all = false;
  }
  const PageFacts facts = FactsOf(*page, &memory.seen);
  TL_ASSIGN_OR_RETURN(const bool is_suspicious, IsSuspiciouslyEmpty(parts_.store, owner_, state.pass, run, facts));
  if (is_suspicious) {
    if (!std::exchange(memory.repeats_empty, true)) {
      state.not_before = parts_.clock.Now() + kRest;
      return StepResult{};
    }
    parts_.metrics.CountSuspiciousEmpty(platform());
  }
  memory.repeats_empty = false;
  if (static_cast<double>(page->bad.size()) > kMostBad * static_cast<double>(facts.records)) {
    RecordBatch batch{.pass = state.pass.name, .calls = std::move(page->items), .bad = std::move(page->bad)};
    TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(planned_.account(), batch));
    if (outcome.fenced) return StepResult{.over = true};
    return GiveUp(state, absl::DataLossError("more than a fifth of a page were no calls; see sync_failures"));
  }
  Sequel sequel = state.pass.procedure == Procedure::kChangeWalk ? AfterWalkPage(run, facts, ServerNow())
                                                                 : AfterWindowPage(state.pass, run, facts, ServerNow());
  if (sequel.count_mismatch) parts_.metrics.CountMismatch(platform());
  ReadResult read{.page = *std::move(page), .facts = facts};
  if (memory.saw_all && !sequel.count_mismatch) {
    const absl::Time began = parts_.clock.Now() - (ServerNow() - run.window.started_at);
    TL_ASSIGN_OR_RETURN(read.lost,
                        FindLost(parts_.store, owner_, state.pass, run.window, sequel.kind, memory.seen, began));
  }
  ReadNextAhead(state.pass, sequel);
  return CommitPage(state, std::move(read), std::move(sequel), begins);
}

// Only where the budget has room for it now: nobody who waits for a turn is to stand behind it.
void PassRunner::ReadNextAhead(const Pass& pass, const Sequel& sequel) {
  if (!sequel.run.has_value()) return;
  const absl::Time earliest = parts_.budget.EarliestAt(owner_.account_id, ResourceOf(pass), pass.priority);
  if (earliest <= parts_.clock.Now()) {
    ahead_.Begin({planned_.tracked, pass, *sequel.run, planned_.state.without_columns});
  }
}

absl::StatusOr<StepResult> PassRunner::CommitPage(PassState& state, ReadResult read, Sequel sequel, bool begins) {
  Checkpoint next = state.checkpoint;
  ++next.counters.pages;
  next.counters.seen += read.facts.records;
  const bool is_finished = sequel.kind == Sequel::Kind::kRunFinished;
  next.run = is_finished ? std::nullopt : std::move(sequel.run);
  if (is_finished) {
    next.finished_at = parts_.clock.Now();
    if (sequel.watermark.has_value() && state.pass.follows_watermark) {
      next.watermark = std::max(next.watermark.value_or(absl::InfinitePast()), *sequel.watermark);
    }
  }
  const size_t bad = read.page.bad.size();
  RecordBatch batch{.pass = state.pass.name, .calls = std::move(read.page.items), .bad = std::move(read.page.bad)};
  batch.wanted = std::move(read.lost);
  if (planned_.platform().Defaults().lists_without_tags) {
    const bool is_backfill = state.pass.priority == Priority::kBackfill;
    batch.read_whole = is_backfill ? FetchReason::kWholeLater : FetchReason::kWhole;
  }
  batch.reason = IsRecovery(state.pass) ? webhooks::v1::RECORD_REASON_RECOVERY : webhooks::v1::RECORD_REASON_SYNC;
  batch.checkpoint = CheckpointChange{.pass = state.pass.name,
                                      .checkpoint = next,
                                      .tells_lag = state.pass.tells_lag,
                                      .is_finished = is_finished,
                                      .starts = begins};
  TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(planned_.account(), batch));
  if (outcome.fenced) return StepResult{.over = true};
  CountRecords(outcome, platform(), bad, parts_.metrics);
  if (state.pass.name.starts_with("recheck")) {
    parts_.metrics.CountLateFound(platform(), outcome.inserted + outcome.updated);
  }
  state.checkpoint = outcome.checkpoint;
  planned_.state.checkpoints[state.pass.name] = outcome.checkpoint;
  if (is_finished) {
    parts_.metrics.CountRun(platform(), KindOf(state.pass), "finished");
    if (state.pass.tells_lag && next.watermark.has_value()) {
      parts_.metrics.SetLag(platform(), ServerNow() - *next.watermark);
    }
    if (IsRange(state.pass)) TL_RETURN_IF_ERROR(FinishRun(state, "done", ""));
  } else if (IsRange(state.pass) && outcome.checkpoint.counters.pages == 1) {
    TL_RETURN_IF_ERROR(parts_.store.SetRunState(owner_, RunIdOf(state.pass), "running", ""));
  }
  return StepResult{};
}

absl::Status PassRunner::FinishRun(const PassState& state, std::string_view outcome, std::string_view error) {
  const std::string name = state.pass.name;
  TL_RETURN_IF_ERROR(parts_.store.SetRunState(owner_, RunIdOf(state.pass), outcome, error));
  std::erase_if(planned_.state.runs, [&](const RangeRun& run) { return run.PassName() == name; });
  memory_.erase(name);
  planned_.Plan(parts_.clock.Now());
  return absl::OkStatus();
}

absl::StatusOr<StepResult> PassRunner::DealWith(PassState& state, const PassRun& run, bool begins,
                                                const absl::Status& error) {
  const absl::Time now = parts_.clock.Now();
  const std::optional<v1::TrackingError> told = tracking::TrackingErrorOf(error);
  if (!told.has_value()) {
    // Our own gate: the budget, or somebody else's account.
    if (absl::IsFailedPrecondition(error)) return StepResult{.over = true};
    if (!absl::IsResourceExhausted(error)) return error;
    state.not_before = now + std::min(RetryAfterOf(error).value_or(kSoon), kRest);
    return StepResult{};
  }
  Memory& memory = memory_[state.pass.name];
  switch (told->code()) {
    case v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN:
      if (std::find(planned_.state.without_columns.begin(), planned_.state.without_columns.end(), told->column()) !=
          planned_.state.without_columns.end()) {
        return GiveUp(state, error);
      }
      planned_.state.without_columns.push_back(told->column());
      TL_RETURN_IF_ERROR(parts_.store.AddUnknownColumn(owner_, told->column()));
      return StepResult{};
    case v1::TRACKING_ERROR_CODE_AUTH_INVALID:
      parts_.budget.RefuseCredentials(owner_.account_id);
      return GiveUp(state, error);
    case v1::TRACKING_ERROR_CODE_ORDER_VIOLATION:
      TL_RETURN_IF_ERROR(parts_.store.SetOrderViolated(owner_));
      planned_.state.order_violated = true;
      TL_RETURN_IF_ERROR(parts_.store.SetError(owner_, ToStd(error.message())));
      is_begun_ = false;
      planned_.Plan(parts_.clock.Now());
      return StepResult{};
    case v1::TRACKING_ERROR_CODE_PARTIAL_RESULT:
    case v1::TRACKING_ERROR_CODE_CURSOR_REJECTED:
    case v1::TRACKING_ERROR_CODE_CURSOR_LOOP: {
      Sequel sequel = AfterWindowError(state.pass, run, error, ServerNow());
      if (sequel.kind == Sequel::Kind::kFailed) return GiveUp(state, error);
      return CommitPage(state, {}, std::move(sequel), begins);
    }
    default:
      break;
  }
  const auto delay =
      tracking::RetryDelay(*told, ++memory.attempts, now, parts_.chance(), planned_.platform().Defaults().retry);
  if (!delay.has_value()) return GiveUp(state, error);
  LogWarning("a platform did not answer as it should; trying again", {{"provider_account_id", owner_.account_id},
                                                                      {"pass", KindOf(state.pass)},
                                                                      {"attempt", memory.attempts},
                                                                      {"error", error}});
  state.not_before = now + *delay;
  return StepResult{};
}

// The run stays where it is and goes on after a while; what somebody asked for ends when it can never succeed.
absl::StatusOr<StepResult> PassRunner::GiveUp(PassState& state, const absl::Status& error) {
  LogWarning("a pass cannot go on for now",
             {{"provider_account_id", owner_.account_id}, {"pass", KindOf(state.pass)}, {"error", error}});
  parts_.metrics.CountRun(platform(), KindOf(state.pass), "failed");
  memory_[state.pass.name].attempts = 0;
  state.not_before = parts_.clock.Now() + kRest;
  const std::string text(ToStd(error.message()));
  TL_RETURN_IF_ERROR(parts_.store.SetError(owner_, text));
  const auto told = tracking::TrackingErrorOf(error);
  const bool is_final = told.has_value() && !told->retryable() && told->code() != v1::TRACKING_ERROR_CODE_AUTH_INVALID;
  if (IsRange(state.pass) && is_final) TL_RETURN_IF_ERROR(FinishRun(state, "failed", text));
  return StepResult{};
}

absl::StatusOr<StepResult> PassRunner::ReadLive(PassState& state, bool begins) {
  const Asking asking(state.pass.priority, kTurn);
  absl::StatusOr<LiveReader::Step> step = live_.Read(&planned_, state.pass, begins);
  const PassRun run = state.checkpoint.run.value_or(*BeginRun(state, Input()));
  if (!step.ok()) return DealWith(state, run, begins, step.status());
  memory_[state.pass.name].attempts = 0;
  Checkpoint next = state.checkpoint;
  if (begins) next.counters = {};
  next.counters.seen += static_cast<int64_t>(step->batch.calls.size());
  next.run = step->is_last ? std::nullopt : std::optional(run);
  if (step->is_last) next.finished_at = parts_.clock.Now();
  step->batch.checkpoint =
      CheckpointChange{.pass = state.pass.name, .checkpoint = next, .is_finished = step->is_last, .starts = begins};
  TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(planned_.account(), step->batch));
  if (outcome.fenced) return StepResult{.over = true};
  CountRecords(outcome, platform(), 0, parts_.metrics);
  state.checkpoint = outcome.checkpoint;
  planned_.state.checkpoints[state.pass.name] = outcome.checkpoint;
  return StepResult{};
}

}  // namespace trunkline::tracking_sync
