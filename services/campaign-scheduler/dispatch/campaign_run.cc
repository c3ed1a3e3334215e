#include "services/campaign-scheduler/dispatch/campaign_run.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/stopwatch.h"
#include "services/campaign-scheduler/engine/gateway_answer.h"
#include "services/campaign-scheduler/rules/decision.h"
#include "services/campaign-scheduler/rules/disposition.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kLoadRetry = absl::Seconds(1);

}  // namespace

CampaignRun::CampaignRun(Parts parts, Ownership ownership, EngineOptions options, uint64_t timer)
    : parts_(std::move(parts)), ownership_(std::move(ownership)), options_(options), timer_(timer) {}

// Life.

void CampaignRun::Start() {
  uint64_t generation = 0;
  {
    const std::lock_guard lock(inbox_mutex_);
    if (stopped_) return;
    generation = ++generation_;
    inbox_.clear();
    loaded_.reset();
  }
  parts_.store_work.Add([self = shared_from_this(), generation] { self->Load(generation); });
}

void CampaignRun::Load(uint64_t generation) {
  absl::StatusOr<Takeover> takeover = parts_.store.Load(ownership_);
  if (!takeover.ok() && takeover.status().code() == absl::StatusCode::kFailedPrecondition) {
    const std::lock_guard step(step_mutex_);
    {
      const std::lock_guard lock(inbox_mutex_);
      if (stopped_ || generation != generation_) return;
    }
    if (!std::exchange(over_, true)) parts_.over(*this, /*fenced=*/true);
    return;
  }
  if (!takeover.ok()) {
    LogWarning("a campaign could not be read; it is tried again",
               {{"campaign_id", ownership_.campaign_id}, {"error", takeover.status()}});
    parts_.timers.Set(timer_, parts_.clock.Now() + kLoadRetry, [self = weak_from_this()] {
      if (const auto run = self.lock()) run->Start();
    });
    return;
  }
  {
    const std::lock_guard lock(inbox_mutex_);
    if (stopped_ || generation != generation_) return;
    told_version_ = takeover->campaign.version;
    loaded_ = *std::move(takeover);
  }
  Schedule();
}

void CampaignRun::Stop() {
  {
    const std::lock_guard lock(inbox_mutex_);
    stopped_ = true;
    inbox_.clear();
  }
  parts_.timers.Clear(timer_);
  const std::lock_guard step(step_mutex_);  // a step under way ends first
}

// Inputs.

void CampaignRun::Post(Input input) {
  {
    const std::lock_guard lock(inbox_mutex_);
    if (stopped_) return;
    inbox_.push_back(std::move(input));
  }
  Schedule();
}

void CampaignRun::PostTo(uint64_t generation, Input input) {
  {
    const std::lock_guard lock(inbox_mutex_);
    if (stopped_ || generation != generation_) return;
    inbox_.push_back(std::move(input));
  }
  Schedule();
}

void CampaignRun::Tell(const CampaignNews& news) {
  bool changed = false;
  bool more = false;
  {
    const std::lock_guard lock(inbox_mutex_);
    changed = news.version > told_version_;
    // Without anybody left the engine has to see that the campaign is complete.
    more = news.last_position > told_position_ || news.contacts_unfinished == 0;
    told_version_ = std::max(told_version_, news.version);
    told_position_ = news.last_position;
  }
  if (changed) parts_.store_work.Add([self = shared_from_this()] { self->ReadChange(); });
  if (more) Post(ContactsChanged{});
}

void CampaignRun::ReadChange() {
  absl::StatusOr<Campaign> campaign = parts_.store.ReadCampaign(ownership_.campaign_id);
  if (campaign.ok()) return Post(CampaignChanged{*std::move(campaign)});
  LogWarning("a changed campaign could not be read; its next commit reads it",
             {{"campaign_id", ownership_.campaign_id}, {"error", campaign.status()}});
  const std::lock_guard lock(inbox_mutex_);
  told_version_ = 0;
}

// Steps.

void CampaignRun::Schedule() {
  {
    const std::lock_guard lock(inbox_mutex_);
    if (stopped_ || scheduled_) return;
    scheduled_ = true;
  }
  parts_.steps.Add([self = shared_from_this()] { self->Step(); });
}

void CampaignRun::Step() {
  const std::lock_guard step(step_mutex_);
  while (true) {
    std::vector<Input> inputs;
    std::optional<Takeover> loaded;
    uint64_t generation = 0;
    {
      const std::lock_guard lock(inbox_mutex_);
      if (stopped_ || over_ || (inbox_.empty() && !loaded_.has_value())) {
        scheduled_ = false;
        return;
      }
      inputs.swap(inbox_);
      loaded.swap(loaded_);
      generation = generation_;
    }
    if (loaded.has_value()) {
      engine_generation_ = generation;
      engine_ = std::make_unique<CampaignEngine>(*std::move(loaded), options_, parts_.clock.Now());
      DoEffects();
    }
    if (engine_ == nullptr) continue;  // it is read anew
    for (Input& input : inputs) {
      engine_->Handle(std::move(input), parts_.clock.Now());
      DoEffects();
    }
    switch (engine_->condition()) {
      case CampaignEngine::Condition::kAtWork:
        parts_.timers.Set(timer_, engine_->wake_at(parts_.clock.Now()), [self = weak_from_this()] {
          if (const auto run = self.lock()) run->Post(TimePassed{});
        });
        break;
      case CampaignEngine::Condition::kLost:
        LogWarning("it is not known whether a commit was made; the campaign is read anew",
                   {{"campaign_id", ownership_.campaign_id}});
        engine_.reset();
        Start();
        break;
      case CampaignEngine::Condition::kFenced:
      case CampaignEngine::Condition::kFinished:
        over_ = true;
        parts_.over(*this, engine_->condition() == CampaignEngine::Condition::kFenced);
        break;
    }
  }
}

// Effects. What comes back is for this engine only.

void CampaignRun::DoEffects() {
  Effects effects = engine_->TakeEffects();
  // A campaign goes as fast as its commits follow each other.
  std::stable_partition(effects.begin(), effects.end(),
                        [](const Effect& effect) { return std::holds_alternative<Commit>(effect); });
  for (Effect& effect : effects) std::visit([this](auto& what) { On(what); }, effect);
}

void CampaignRun::On(ReadDue& read) {
  parts_.store_work.Add([self = shared_from_this(), generation = engine_generation_, read = std::move(read)] {
    self->PostTo(generation, ContactsRead{self->parts_.store.ReadDue(self->ownership_, read)});
  });
}

void CampaignRun::On(AcquireSlots& acquire) {
  parts_.slots.Acquire(engine_->campaign(), acquire,
                       [self = weak_from_this(), generation = engine_generation_](SlotsDecided decided) {
                         if (const auto run = self.lock()) run->PostTo(generation, std::move(decided));
                       });
}

void CampaignRun::On(ReleaseSlots& release) { parts_.slots.Release(ownership_.business_id, release.slot_ids); }

void CampaignRun::On(Commit& commit) {
  parts_.store_work.Add([self = shared_from_this(), generation = engine_generation_, campaign = engine_->campaign(),
                         batch = std::make_shared<const CommitBatch>(std::move(commit.batch))] {
    const Parts& parts = self->parts_;
    absl::StatusOr<CommitResult> result =
        absl::UnavailableError("this replica gave no sign of life for too long; another one may have taken over");
    if (parts.may_act()) {
      Stopwatch stopwatch(parts.clock);
      result = parts.store.Commit(self->ownership_, campaign, *batch);
      self->CountCommit(*batch, result, stopwatch.Lap());
    }
    self->PostTo(generation, Committed{std::move(result)});
  });
}

void CampaignRun::CountCommit(const CommitBatch& batch, const absl::StatusOr<CommitResult>& result,
                              absl::Duration took) {
  if (!result.ok()) {
    const bool in_doubt = result.status().code() == absl::StatusCode::kUnknown;
    parts_.metrics.ObserveCommit(took, in_doubt ? "in_doubt" : "failed");
    LogWarning("a commit of a campaign failed",
               {{"campaign_id", ownership_.campaign_id}, {"epoch", ownership_.epoch}, {"error", result.status()}});
    return;
  }
  parts_.metrics.ObserveCommit(took, result->fenced ? "fenced" : "committed");
  if (result->fenced) return;
  parts_.metrics.CountAttempts(static_cast<int64_t>(result->started.size()));
  for (const DeniedAttempt& denied : result->denied) parts_.metrics.CountDenied(RuleName(denied.decision.rule()));
  for (const AttemptEnding& ending : batch.endings) parts_.metrics.CountEnding(DispositionName(ending.disposition));
  parts_.events_added();
}

void CampaignRun::On(Dial& dial) {
  if (!parts_.may_act()) return;
  parts_.gateway.InitiateCall(
      ownership_.business_id, dial.request,
      [self = weak_from_this(), generation = engine_generation_, attempt_id = dial.attempt_id,
       asked_at = parts_.clock.Now()](absl::StatusOr<control::v1::Call> call) {
        const auto run = self.lock();
        if (run == nullptr) return;
        run->parts_.metrics.ObserveDial(run->parts_.clock.Now() - asked_at);
        if (call.ok()) {
          run->parts_.metrics.CountDial("called");
        } else {
          run->parts_.metrics.CountDial(Understand(call.status()) == DialRefusal::kInDoubt ? "in_doubt" : "refused");
          LogDebug("the gateway gave no call", {{"attempt_id", attempt_id}, {"error", call.status()}});
        }
        run->PostTo(generation, DialAnswered{attempt_id, std::move(call)});
      });
}

void CampaignRun::On(FindDial& find) {
  parts_.gateway.FindDial(ownership_.business_id, find.attempt_id,
                          [self = weak_from_this(), generation = engine_generation_,
                           attempt_id = find.attempt_id](absl::StatusOr<FoundDial> found) {
                            const auto run = self.lock();
                            if (run != nullptr) run->PostTo(generation, DialFound{attempt_id, std::move(found)});
                          });
}

void CampaignRun::On(InquireCall& inquire) {
  parts_.gateway.InquireCall(ownership_.business_id, inquire.call_id,
                             [self = weak_from_this(), generation = engine_generation_,
                              attempt_id = inquire.attempt_id](absl::StatusOr<bool> ended) {
                               const auto run = self.lock();
                               if (run != nullptr) run->PostTo(generation, CallInquired{attempt_id, std::move(ended)});
                             });
}

void CampaignRun::On(LimitCampaign& limit) {
  parts_.slots.LimitCampaign(ownership_.campaign_id, limit.max_concurrent_calls);
}

}  // namespace trunkline::scheduler
