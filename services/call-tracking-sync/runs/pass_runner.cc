#include "services/call-tracking-sync/runs/pass_runner.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/filter_probe.h"
#include "libs/tracking/tracking_error.h"
#include "services/call-tracking-sync/passes/change_walk.h"
#include "services/call-tracking-sync/passes/window_reading.h"
#include "services/call-tracking-sync/runs/page_facts.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::CallPage;
using tracking::Resource;
namespace v1 = tracking::v1;

constexpr absl::Duration kLook = absl::Seconds(1);
// So long a request may wait for its turn; a pass whose turn comes later lets others go first.
constexpr absl::Duration kTurn = absl::Seconds(2);
// Before the first pass nothing else is there to be done.
constexpr absl::Duration kFirstTurn = absl::Minutes(2);
constexpr absl::Duration kSoon = absl::Milliseconds(300);
constexpr absl::Duration kRest = absl::Minutes(1);  // after a failure that does not pass by itself
constexpr absl::Duration kProbeLife = absl::Hours(24);
constexpr absl::Duration kProbeAgain = absl::Hours(1);  // what did not work may have had no calls to show it with
constexpr double kMostBad = 0.2;
constexpr double kUsualCalls = 20;
constexpr int kManyLive = 20;
constexpr int kMostLive = 1'000;
constexpr int kLivePages = 20;
constexpr absl::Duration kYoungestLive = absl::Minutes(2);
constexpr absl::Duration kOldestLive = absl::Hours(24);
// A walk that would go further back than this is a backfill.
constexpr absl::Duration kLongestOutage = absl::Hours(24 * 30);

constexpr std::string_view kFirstBackfill = "first";

bool IsRange(const Pass& pass) { return pass.period == absl::InfiniteDuration(); }
bool IsRecovery(const Pass& pass) { return pass.name.starts_with("recovery:"); }
std::string_view RunIdOf(const Pass& pass) {
  const std::string_view name = pass.name;
  return name.substr(name.find(':') + 1);
}
// Without the id of a run: a name for metrics.
std::string KindOf(const Pass& pass) { return pass.name.substr(0, pass.name.find(':')); }

absl::StatusOr<CallPage> ListPage(const PageRequest& request) {
  tracking::CallQuery query = QueryOf(request.pass, request.run);
  query.without_columns = request.without_columns;
  const Asking asking(request.pass.priority, kTurn);
  const TrackedAccount& account = *request.account;
  return account.platform->Client().ListCalls(account.account, query, request.run.window.position);
}

}  // namespace

PassRunner::PassRunner(const AccountParts& parts, Ownership owner, CommitRecords commit)
    : parts_(parts), owner_(std::move(owner)), commit_(std::move(commit)), ahead_(&ListPage, parts_.clock) {}

PlanInput PassRunner::Input() const {
  const ResourceLimits limits = LimitsOf(*account_);
  return {.now = parts_.clock.Now(),
          .server_now = ServerNow(),
          .known_since = state_.known_since,
          .is_clock_sure = clock_.offset().has_value(),
          .allowance = {.per_day = limits[static_cast<size_t>(Resource::kCallList)].per_day,
                        .left = parts_.budget.Left(owner_.account_id, Resource::kCallList, Priority::kRescan)}};
}

Resource PassRunner::ResourceOf(const Pass& pass) const {
  return pass.procedure == Procedure::kLiveCalls ? Resource::kCallDetail : Resource::kCallList;
}

absl::Status PassRunner::Load() {
  TL_ASSIGN_OR_RETURN(state_, parts_.store.Read(owner_.account_id));
  is_loaded_ = true;
  Plan();
  return absl::OkStatus();
}

void PassRunner::Plan() {
  const tracking::SyncSettings settings =
      tracking::SyncSettingsOf(account_->account, account_->platform->Defaults().sync);
  std::vector<Pass> wanted =
      PassesOf(account_->platform->Features(account_->account), state_.probes, state_.order_violated, settings,
               ReadRescans(account_->account.Setting(kRescans)).value_or(std::vector<Rescan>()));
  for (const RangeRun& run : state_.runs) {
    if (run.state == "paused") continue;
    wanted.push_back(RangePass(run.PassName(), Priority::kBackfill, settings));
  }
  std::vector<PassState> planned;
  for (Pass& pass : wanted) {
    PassState state{.pass = std::move(pass)};
    state.checkpoint = state_.checkpoints[state.pass.name];
    for (const PassState& before : passes_) {
      if (before.pass.name == state.pass.name) state.not_before = before.not_before;
    }
    planned.push_back(std::move(state));
  }
  for (const RangeRun& run : state_.runs) {
    for (PassState& state : planned) {
      if (state.pass.name != run.PassName() || state.checkpoint.run.has_value()) continue;
      state.checkpoint.run = BeginWindows(state.pass, run.from, run.to, ServerNow());
    }
  }
  passes_ = std::move(planned);
}

absl::Status PassRunner::LookForNews() {
  const absl::Time now = parts_.clock.Now();
  const TrackedAccountPtr latest = parts_.accounts.Find(owner_.account_id);
  const bool changed = latest != account_;
  account_ = latest;
  if (account_ == nullptr) return absl::OkStatus();
  if (changed) TL_RETURN_IF_ERROR(parts_.budget.Take(account_->account, LimitsOf(*account_), owner_.epoch));
  if (!is_loaded_) return Load();
  if (!changed && now - looked_at_ < kLook) return absl::OkStatus();
  looked_at_ = now;
  TL_ASSIGN_OR_RETURN(AccountStore::News news, parts_.store.ReadNews(owner_.account_id));
  state_.is_paused = news.is_paused;
  state_.order_violated = news.order_violated;
  state_.runs = std::move(news.runs);
  Plan();
  return absl::OkStatus();
}

absl::StatusOr<StepResult> PassRunner::Step() {
  TL_RETURN_IF_ERROR(LookForNews());
  const absl::Time now = parts_.clock.Now();
  if (account_ == nullptr) return StepResult{.over = true};
  if (state_.is_paused) return StepResult{.wake_at = now + kLook};
  if (!is_begun_) {
    if (const absl::Status begun = BeginAccount(); !begun.ok()) {
      if (absl::IsFailedPrecondition(begun) && !tracking::TrackingErrorOf(begun).has_value()) {
        return StepResult{.over = true};
      }
      LogWarning("an account's first requests failed; trying again",
                 {{"provider_account_id", owner_.account_id}, {"error", begun}});
      TL_RETURN_IF_ERROR(parts_.store.SetError(owner_, ToStd(begun.message())));
      return StepResult{.wake_at = now + RetryAfterOf(begun).value_or(absl::Seconds(5))};
    }
  }
  while (true) {
    // Anew each time: the first requests of an account take their time, and a pass put off must not be due again.
    const PlanInput input = Input();
    const PlanStep step = PlanNext(passes_, input);
    if (!step.pass.has_value()) return StepResult{.wake_at = std::min(step.wake_at, input.now + kLook)};
    PassState& state = passes_[*step.pass];
    const absl::Time earliest =
        parts_.budget.EarliestAt(owner_.account_id, ResourceOf(state.pass), state.pass.priority);
    if (earliest <= input.now + kSoon || ahead_.Holds(state.pass.name)) return RunPass(*step.pass, step.begins_run);
    state.not_before = std::min(earliest, input.now + kRest);
  }
}

// What must be known before the first pass: the platform's time, what works at the account, and from when on it is
// read.
absl::Status PassRunner::BeginAccount() {
  const Asking asking(Priority::kIncremental, kFirstTurn);
  if (checked_ != account_) {
    TL_ASSIGN_OR_RETURN(const auto checked, account_->platform->Client().CheckAccount(account_->account));
    clock_.Learn(checked.receipt);
    if (!checked.value.empty()) {
      parts_.budget.RefuseCredentials(owner_.account_id);
      return absl::UnauthenticatedError(Concat(checked.value[0].field, ": ", checked.value[0].message));
    }
    checked_ = account_;
  }
  if (const auto offset = clock_.offset(); offset.has_value()) {
    parts_.metrics.SetClockOffset(platform(), *offset);
    TL_RETURN_IF_ERROR(parts_.store.SetClockOffset(owner_, *offset));
  }
  if (MustProbe()) TL_RETURN_IF_ERROR(Probe());
  const absl::Time server_now = ServerNow();
  for (PassState& state : passes_) {
    if (!state.pass.follows_watermark) continue;
    std::optional<absl::Time>& watermark = state.checkpoint.watermark;
    const bool is_new = !watermark.has_value();
    if (!is_new && server_now - *watermark < kLongestOutage) continue;
    // Everything from now on; what was before is a backfill's.
    if (state.pass.tells_lag) {
      const absl::Time from = is_new ? server_now - kFirstDepth : *watermark - kOverlap;
      const std::string key = is_new ? std::string(kFirstBackfill) : Concat("since/", absl::ToUnixSeconds(*watermark));
      TL_RETURN_IF_ERROR(parts_.store.AddBackfill(owner_, key, from, server_now));
      looked_at_ = absl::InfinitePast();  // it begins at once
    }
    watermark = server_now;
    state.checkpoint.run.reset();
    RecordBatch batch{.pass = state.pass.name};
    batch.checkpoint = CheckpointChange{.pass = state.pass.name, .checkpoint = state.checkpoint};
    TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(account_->account, batch));
    if (outcome.fenced) return absl::FailedPreconditionError("the account is read by another replica");
    state_.checkpoints[state.pass.name] = state.checkpoint;
  }
  is_begun_ = true;
  return absl::OkStatus();
}

bool PassRunner::MustProbe() const {
  const std::set<v1::Feature> features = account_->platform->Features(account_->account);
  if (!features.contains(v1::FEATURE_LIST_BY_END) && !features.contains(v1::FEATURE_LIST_BY_CHANGE)) return false;
  const Probes& probes = state_.probes;
  if (!probes.probed_at.has_value()) return true;
  const bool all = probes.lists_by_end.value_or(true) && probes.lists_by_change.value_or(true);
  return parts_.clock.Now() - *probes.probed_at > (all ? kProbeLife : kProbeAgain);
}

absl::Status PassRunner::Probe() {
  const std::set<v1::Feature> features = account_->platform->Features(account_->account);
  tracking::PlatformClient& client = account_->platform->Client();
  // What one try found out the next need not ask again.
  if (features.contains(v1::FEATURE_LIST_BY_END) && !probing_.lists_by_end.has_value()) {
    TL_ASSIGN_OR_RETURN(probing_.lists_by_end,
                        FilterWorks(client, account_->account, tracking::CallTime::kEnded, false, ServerNow()));
  }
  if (features.contains(v1::FEATURE_LIST_BY_CHANGE) && !probing_.lists_by_change.has_value()) {
    TL_ASSIGN_OR_RETURN(probing_.lists_by_change,
                        FilterWorks(client, account_->account, tracking::CallTime::kChanged,
                                    features.contains(v1::FEATURE_LIST_LAST_CHANGED), ServerNow()));
  }
  Probes probes = std::exchange(probing_, {});
  probes.probed_at = parts_.clock.Now();
  TL_RETURN_IF_ERROR(parts_.store.SetProbes(owner_, probes));
  state_.probes = probes;
  Plan();
  return absl::OkStatus();
}

absl::StatusOr<StepResult> PassRunner::RunPass(size_t index, bool begins) {
  PassState& state = passes_[index];
  if (state.pass.procedure == Procedure::kLiveCalls) return ReadLive(state, begins);
  return ReadPage(state, begins);
}

absl::StatusOr<StepResult> PassRunner::ReadPage(PassState& state, bool begins) {
  Memory& memory = memory_[state.pass.name];
  if (begins) {
    if (MustProbe() && state.pass.priority == Priority::kRescan) {
      const Asking asking(Priority::kRescan, kTurn);
      if (const absl::Status probed = Probe(); !probed.ok()) return DealWith(state, PassRun(), begins, probed);
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
    state_.checkpoints[state.pass.name] = state.checkpoint;
  }
  PassRun run = *state.checkpoint.run;
  if (!std::exchange(memory.is_resumed, true)) run = Resumed(std::move(run));
  if (IsStale(run, ServerNow())) {
    run.window.position.reset();
    run.window.started_at = ServerNow();
  }
  if (!run.window.position.has_value()) memory.seen.clear();

  const PageRequest request{account_, state.pass, run, state_.without_columns};
  std::optional<ReadAhead::Page> taken = ahead_.Take(request);
  const absl::StatusOr<CallPage> page = taken.has_value() ? *std::move(taken) : ListPage(request);
  if (!page.ok()) return DealWith(state, run, begins, page.status());
  memory.attempts = 0;
  clock_.Learn(page->receipt);

  // A walk may be long, as may a list without a total, and nobody counts what it saw.
  if (state.pass.procedure == Procedure::kChangeWalk || !page->total.has_value()) memory.seen.clear();
  const PageFacts facts = FactsOf(*page, &memory.seen);
  TL_ASSIGN_OR_RETURN(const bool is_suspicious, IsSuspiciouslyEmpty(state, run, facts));
  if (is_suspicious) {
    if (!std::exchange(memory.repeats_empty, true)) {
      state.not_before = parts_.clock.Now() + kRest;
      return StepResult{};
    }
    parts_.metrics.CountSuspiciousEmpty(platform());
  }
  memory.repeats_empty = false;
  if (static_cast<double>(page->bad.size()) > kMostBad * static_cast<double>(facts.records)) {
    RecordBatch batch{.pass = state.pass.name, .calls = page->items, .bad = page->bad};
    TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(account_->account, batch));
    if (outcome.fenced) return StepResult{.over = true};
    return GiveUp(state, absl::DataLossError("more than a fifth of a page were no calls; see sync_failures"));
  }
  Sequel sequel = state.pass.procedure == Procedure::kChangeWalk ? AfterWalkPage(run, facts, ServerNow())
                                                                 : AfterWindowPage(state.pass, run, facts, ServerNow());
  if (sequel.count_mismatch) parts_.metrics.CountMismatch(platform());
  ReadNextAhead(state.pass, sequel);
  return CommitPage(state, *page, facts, std::move(sequel), begins);
}

// Only where the budget has room for it now: nobody who waits for a turn is to stand behind it.
void PassRunner::ReadNextAhead(const Pass& pass, const Sequel& sequel) {
  if (!sequel.run.has_value()) return;
  const absl::Time earliest = parts_.budget.EarliestAt(owner_.account_id, ResourceOf(pass), pass.priority);
  if (earliest <= parts_.clock.Now()) ahead_.Begin({account_, pass, *sequel.run, state_.without_columns});
}

absl::StatusOr<bool> PassRunner::IsSuspiciouslyEmpty(const PassState& state, const PassRun& run,
                                                     const PageFacts& facts) {
  const Window& window = run.window;
  if (facts.records > 0 || window.position.has_value() || state.pass.priority != Priority::kIncremental ||
      state.pass.time != tracking::CallTime::kStarted || window.to == absl::InfiniteFuture()) {
    return false;
  }
  TL_ASSIGN_OR_RETURN(const double usual, parts_.store.UsualCalls(owner_.account_id, window.from, window.to));
  return usual > kUsualCalls;
}

absl::StatusOr<StepResult> PassRunner::CommitPage(PassState& state, const CallPage& page, const PageFacts& facts,
                                                  Sequel sequel, bool begins) {
  Checkpoint next = state.checkpoint;
  ++next.counters.pages;
  next.counters.seen += facts.records;
  const bool is_finished = sequel.kind == Sequel::Kind::kRunFinished;
  next.run = is_finished ? std::nullopt : std::move(sequel.run);
  if (is_finished) {
    next.finished_at = parts_.clock.Now();
    if (sequel.watermark.has_value() && state.pass.follows_watermark) {
      next.watermark = std::max(next.watermark.value_or(absl::InfinitePast()), *sequel.watermark);
    }
  }
  RecordBatch batch{.pass = state.pass.name, .calls = page.items, .bad = page.bad};
  batch.reason = IsRecovery(state.pass) ? webhooks::v1::RECORD_REASON_RECOVERY : webhooks::v1::RECORD_REASON_SYNC;
  batch.checkpoint = CheckpointChange{.pass = state.pass.name,
                                      .checkpoint = next,
                                      .tells_lag = state.pass.tells_lag,
                                      .is_finished = is_finished,
                                      .starts = begins};
  TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(account_->account, batch));
  if (outcome.fenced) return StepResult{.over = true};
  CountRecords(outcome, page.bad.size());
  if (state.pass.name.starts_with("recheck")) {
    parts_.metrics.CountLateFound(platform(), outcome.inserted + outcome.updated);
  }
  state.checkpoint = outcome.checkpoint;
  state_.checkpoints[state.pass.name] = outcome.checkpoint;
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
  std::erase_if(state_.runs, [&](const RangeRun& run) { return run.PassName() == name; });
  memory_.erase(name);
  Plan();
  return absl::OkStatus();
}

void PassRunner::CountRecords(const RecordOutcome& outcome, size_t failed) const {
  parts_.metrics.CountRecords(platform(), "inserted", outcome.inserted);
  parts_.metrics.CountRecords(platform(), "updated", outcome.updated);
  parts_.metrics.CountRecords(platform(), "unchanged", outcome.unchanged - outcome.stale);
  parts_.metrics.CountRecords(platform(), "stale", outcome.stale);
  parts_.metrics.CountRecords(platform(), "failed", static_cast<int64_t>(failed));
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
      if (std::find(state_.without_columns.begin(), state_.without_columns.end(), told->column()) !=
          state_.without_columns.end()) {
        return GiveUp(state, error);
      }
      state_.without_columns.push_back(told->column());
      TL_RETURN_IF_ERROR(parts_.store.AddUnknownColumn(owner_, told->column()));
      return StepResult{};
    case v1::TRACKING_ERROR_CODE_AUTH_INVALID:
      parts_.budget.RefuseCredentials(owner_.account_id);
      return GiveUp(state, error);
    case v1::TRACKING_ERROR_CODE_ORDER_VIOLATION:
      TL_RETURN_IF_ERROR(parts_.store.SetOrderViolated(owner_));
      state_.order_violated = true;
      TL_RETURN_IF_ERROR(parts_.store.SetError(owner_, ToStd(error.message())));
      is_begun_ = false;
      Plan();
      return StepResult{};
    case v1::TRACKING_ERROR_CODE_PARTIAL_RESULT:
    case v1::TRACKING_ERROR_CODE_CURSOR_REJECTED:
    case v1::TRACKING_ERROR_CODE_CURSOR_LOOP: {
      Sequel sequel = AfterWindowError(state.pass, run, error, ServerNow());
      if (sequel.kind == Sequel::Kind::kFailed) return GiveUp(state, error);
      return CommitPage(state, {}, {}, std::move(sequel), begins);
    }
    default:
      break;
  }
  const auto delay =
      tracking::RetryDelay(*told, ++memory.attempts, now, parts_.chance(), account_->platform->Defaults().retry);
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

absl::StatusOr<CallPage> PassRunner::FetchBatch(const std::vector<std::string>& ids, std::vector<std::string>* gone) {
  tracking::PlatformClient& client = account_->platform->Client();
  if (account_->platform->Defaults().fetch_batch > 1) {
    TL_ASSIGN_OR_RETURN(CallPage page, client.FetchCalls(account_->account, ids));
    std::set<std::string_view> told;
    for (const tracking::PlatformCall& call : page.items) told.insert(call.call.external_id);
    for (const std::string& id : ids) {
      if (!told.contains(id)) gone->push_back(id);
    }
    return page;
  }
  CallPage page;
  absl::StatusOr<tracking::Answer<tracking::PlatformCall>> call = client.FetchCall(account_->account, ids.front());
  if (call.ok()) {
    page.receipt = call->receipt;
    page.items.push_back(std::move(call->value));
    return page;
  }
  if (!absl::IsNotFound(call.status())) return call.status();
  gone->push_back(ids.front());
  return page;
}

absl::StatusOr<StepResult> PassRunner::ReadLive(PassState& state, bool begins) {
  Memory& memory = memory_[state.pass.name];
  tracking::PlatformClient& client = account_->platform->Client();
  const Asking asking(state.pass.priority, kTurn);
  RecordBatch batch{.pass = state.pass.name};
  if (begins || !std::exchange(memory.is_resumed, true)) {
    memory = {.is_resumed = true};
    const absl::Time now = ServerNow();
    TL_ASSIGN_OR_RETURN(const std::vector<std::string> live,
                        parts_.store.LiveCalls(owner_.account_id, now - kOldestLive, now - kYoungestLive, kMostLive));
    state.checkpoint.run = BeginRun(state, Input());
    state.checkpoint.counters = {};
    memory.live = {live.begin(), live.end()};
    const bool lists = account_->platform->Features(account_->account).contains(v1::FEATURE_LIST_LIVE_CALLS);
    if (lists && account_->platform->Defaults().fetch_batch == 1 && live.size() > kManyLive) {
      // One list tells most of them; the rest is fetched.
      std::set<std::string_view> told;
      std::optional<tracking::Position> position;
      for (int i = 0; i < kLivePages; ++i) {
        absl::StatusOr<CallPage> page =
            client.ListCalls(account_->account, {.from = now - kOldestLive, .to = now, .only_live = true}, position);
        if (!page.ok()) return DealWith(state, *state.checkpoint.run, begins, page.status());
        position = page->next;
        std::move(page->items.begin(), page->items.end(), std::back_inserter(batch.calls));
        if (!position.has_value()) break;
      }
      for (const tracking::PlatformCall& call : batch.calls) told.insert(call.call.external_id);
      std::erase_if(memory.live, [&](const std::string& id) { return told.contains(id); });
    }
  } else {
    const size_t most = static_cast<size_t>(std::max(1, account_->platform->Defaults().fetch_batch));
    const std::vector<std::string> ids(
        memory.live.begin(), memory.live.begin() + static_cast<std::ptrdiff_t>(std::min(most, memory.live.size())));
    absl::StatusOr<CallPage> page = FetchBatch(ids, &batch.gone);
    if (!page.ok()) return DealWith(state, *state.checkpoint.run, false, page.status());
    clock_.Learn(page->receipt);
    memory.attempts = 0;
    batch.calls = std::move(page->items);
    memory.live.erase(memory.live.begin(), memory.live.begin() + static_cast<std::ptrdiff_t>(ids.size()));
  }
  Checkpoint next = state.checkpoint;
  next.counters.seen += static_cast<int64_t>(batch.calls.size());
  const bool is_finished = memory.live.empty();
  if (is_finished) {
    next.run.reset();
    next.finished_at = parts_.clock.Now();
  }
  batch.checkpoint =
      CheckpointChange{.pass = state.pass.name, .checkpoint = next, .is_finished = is_finished, .starts = begins};
  TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(account_->account, batch));
  if (outcome.fenced) return StepResult{.over = true};
  CountRecords(outcome, 0);
  state.checkpoint = outcome.checkpoint;
  state_.checkpoints[state.pass.name] = outcome.checkpoint;
  return StepResult{};
}

}  // namespace trunkline::tracking_sync
