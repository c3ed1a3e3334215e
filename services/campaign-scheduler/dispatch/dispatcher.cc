#include "services/campaign-scheduler/dispatch/dispatcher.h"

#include <utility>

#include "libs/base/log.h"

namespace trunkline::scheduler {
namespace {

// Each campaign has at most a few pieces of work there.
constexpr size_t kMostWork = 10'000'000;

}  // namespace

Dispatcher::Dispatcher(Parts parts, Options options)
    : parts_(std::move(parts)),
      options_(options),
      steps_(options.engine_threads, kMostWork),
      store_work_(options.store_threads, kMostWork),
      timers_(parts_.clock) {}

Dispatcher::~Dispatcher() { DropAll(); }

void Dispatcher::Take(const Ownership& ownership) {
  std::shared_ptr<CampaignRun> run;
  std::shared_ptr<CampaignRun> before;
  {
    const std::lock_guard lock(mutex_);
    run = std::make_shared<CampaignRun>(
        CampaignRun::Parts{.store = parts_.store,
                           .slots = parts_.slots,
                           .gateway = parts_.gateway,
                           .steps = steps_,
                           .store_work = store_work_,
                           .timers = timers_,
                           .metrics = parts_.metrics,
                           .clock = parts_.clock,
                           .may_act = [this] { return absl::ToUnixMicros(parts_.clock.Now()) < may_act_until_; },
                           .events_added = parts_.events_added,
                           .over = [this](CampaignRun& over, bool fenced) { NoteOver(over, fenced); }},
        ownership, options_.engine, ++timers_given_);
    before = std::exchange(runs_[ownership.campaign_id], run);
  }
  if (before != nullptr) before->Stop();
  run->Start();
}

std::vector<Ownership> Dispatcher::DropAll() {
  std::map<std::string, std::shared_ptr<CampaignRun>> runs;
  std::vector<Ownership> dropped;
  {
    const std::lock_guard lock(mutex_);
    runs.swap(runs_);
    // Nobody lets go of those any more.
    dropped.swap(finished_);
  }
  for (const auto& [id, run] : runs) {
    run->Stop();
    dropped.push_back(run->ownership());
  }
  return dropped;
}

std::vector<std::string> Dispatcher::Running() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  ids.reserve(runs_.size());
  for (const auto& [id, run] : runs_) ids.push_back(id);
  return ids;
}

std::vector<Ownership> Dispatcher::TakeFinished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void Dispatcher::NoteOver(CampaignRun& run, bool fenced) {
  LogInfo(fenced ? "another replica runs a campaign" : "a campaign does not run any more",
          {{"campaign_id", run.ownership().campaign_id}, {"epoch", run.ownership().epoch}});
  parts_.metrics.CountLetGo(fenced ? "fenced" : "finished");
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run.ownership().campaign_id);
  if (found == runs_.end() || found->second.get() != &run) return;
  runs_.erase(found);
  if (!fenced) finished_.push_back(run.ownership());
}

void Dispatcher::Tell(const std::vector<CampaignNews>& news) {
  for (const CampaignNews& of_campaign : news) {
    const std::shared_ptr<CampaignRun> run = Find(of_campaign.campaign_id);
    if (run == nullptr) continue;
    if (of_campaign.epoch > run->ownership().epoch) {
      run->Stop();
      NoteOver(*run, /*fenced=*/true);
    } else {
      run->Tell(of_campaign);
    }
  }
}

void Dispatcher::MayActUntil(absl::Time limit) { may_act_until_ = absl::ToUnixMicros(limit); }

void Dispatcher::TellOutcomes(const std::vector<OutcomeOfCampaign>& outcomes) {
  std::map<std::string_view, OutcomesTold> told;
  for (const OutcomeOfCampaign& of_campaign : outcomes) {
    told[of_campaign.campaign_id].outcomes.push_back(of_campaign.outcome);
  }
  for (auto& [campaign_id, of_campaign] : told) {
    if (const auto run = Find(std::string(campaign_id))) run->Post(std::move(of_campaign));
  }
}

std::shared_ptr<CampaignRun> Dispatcher::Find(const std::string& campaign_id) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(campaign_id);
  return found == runs_.end() ? nullptr : found->second;
}

}  // namespace trunkline::scheduler
