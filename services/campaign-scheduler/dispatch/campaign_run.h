// An engine at work: takes inputs from any thread, has them handled one after the other, and does the effects.
//
// It owns its results: a store or a governor that answers late, to an engine that was given up, is not heard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/work_queue.h"
#include "services/campaign-scheduler/calls/gateway.h"
#include "services/campaign-scheduler/dispatch/slot_source.h"
#include "services/campaign-scheduler/dispatch/timers.h"
#include "services/campaign-scheduler/engine/campaign_engine.h"
#include "services/campaign-scheduler/metrics/scheduler_metrics.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

class CampaignRun : public std::enable_shared_from_this<CampaignRun> {
 public:
  struct Parts {  // all of them outlive the run
    CampaignStore& store;
    SlotSource& slots;
    Gateway& gateway;
    WorkQueue& steps;       // where engines are run
    WorkQueue& store_work;  // where the store is asked
    Timers& timers;
    SchedulerMetrics& metrics;
    const Clock& clock;
    std::function<bool()> may_act;                        // false: this replica may have been given up
    std::function<void()> events_added;                   // wakes the publisher of events
    std::function<void(CampaignRun&, bool fenced)> over;  // it ended by itself; called once
  };

  CampaignRun(Parts parts, Ownership ownership, EngineOptions options, uint64_t timer);

  // Reads what is there and begins.
  void Start();
  // For the engine, from any thread.
  void Post(Input input);
  // News about the campaign: posts what the engine does not know yet.
  void Tell(const CampaignNews& news);
  // Does nothing any more; when it returns, nothing is asked for.
  void Stop();

  const Ownership& ownership() const { return ownership_; }

 private:
  void Load(uint64_t generation);
  void PostTo(uint64_t generation, Input input);
  void Schedule();
  void Step();
  void DoEffects();
  void ReadChange();

  void On(ReadDue& read);
  void On(AcquireSlots& acquire);
  void On(ReleaseSlots& release);
  void On(Commit& commit);
  void On(Dial& dial);
  void On(FindDial& find);
  void On(InquireCall& inquire);
  void On(LimitCampaign& limit);
  void CountCommit(const CommitBatch& batch, const absl::StatusOr<CommitResult>& result, absl::Duration took);

  Parts parts_;
  const Ownership ownership_;
  const EngineOptions options_;
  const uint64_t timer_;

  std::mutex inbox_mutex_;
  std::vector<Input> inbox_;
  bool scheduled_ = false;
  bool stopped_ = false;
  uint64_t generation_ = 0;         // of the engine
  std::optional<Takeover> loaded_;  // for an engine of this generation
  int64_t told_version_ = 0;
  int64_t told_position_ = 0;

  std::mutex step_mutex_;  // held while the engine is used
  std::unique_ptr<CampaignEngine> engine_;
  uint64_t engine_generation_ = 0;
  bool over_ = false;
};

}  // namespace trunkline::scheduler
