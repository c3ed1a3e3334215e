// Runs the campaigns of this replica: an engine for each, on few threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/work_queue.h"
#include "services/campaign-scheduler/calls/gateway.h"
#include "services/campaign-scheduler/dispatch/campaign_run.h"
#include "services/campaign-scheduler/dispatch/slot_source.h"
#include "services/campaign-scheduler/dispatch/timers.h"
#include "services/campaign-scheduler/metrics/scheduler_metrics.h"
#include "services/campaign-scheduler/ownership/campaign_keeper.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

class Dispatcher final : public CampaignRuns {
 public:
  struct Parts {  // all of them outlive the dispatcher
    CampaignStore& store;
    SlotSource& slots;
    Gateway& gateway;
    SchedulerMetrics& metrics;
    const Clock& clock;
    std::function<void()> events_added;  // wakes the publisher of events; must not block
  };
  struct Options {
    EngineOptions engine;
    int engine_threads = 2;
    int store_threads = 4;  // no more than the store has connections
  };

  Dispatcher(Parts parts, Options options);
  ~Dispatcher() override;

  // See CampaignRuns.
  void Take(const Ownership& ownership) override;
  std::vector<Ownership> DropAll() override;
  std::vector<std::string> Running() override;
  std::vector<Ownership> TakeFinished() override;
  void Tell(const std::vector<CampaignNews>& news) override;
  void MayActUntil(absl::Time limit) override;

  // What the call events told of attempts of campaigns that run here; others' are left alone.
  void TellOutcomes(const std::vector<OutcomeOfCampaign>& outcomes);

 private:
  std::shared_ptr<CampaignRun> Find(const std::string& campaign_id);
  void NoteOver(CampaignRun& run, bool fenced);

  Parts parts_;
  const Options options_;
  std::atomic<int64_t> may_act_until_ = 0;  // microseconds since 1970
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<CampaignRun>> runs_;
  std::vector<Ownership> finished_;
  uint64_t timers_given_ = 0;

  // They end first, the timers before those whom they wake.
  WorkQueue steps_;
  WorkQueue store_work_;
  Timers timers_;
};

}  // namespace trunkline::scheduler
