// Keeps this replica's campaigns: joins, beats, takes what nobody runs, and tells whoever runs the campaigns what is
// new about them. A thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "services/campaign-scheduler/metrics/scheduler_metrics.h"
#include "services/campaign-scheduler/ownership/replica.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

// Who runs campaigns. Called by the keeper's thread; must not block for long.
class CampaignRuns {
 public:
  virtual ~CampaignRuns() = default;
  virtual void Take(const Ownership& ownership) = 0;
  // Stops running all of them, and returns them; when it returns, nothing of them is asked for any more.
  virtual std::vector<Ownership> DropAll() = 0;
  // Of those that run.
  virtual std::vector<std::string> Running() = 0;
  // Those that ended by themselves since the last time; they do not run any more.
  virtual std::vector<Ownership> TakeFinished() = 0;
  virtual void Tell(const std::vector<CampaignNews>& news) = 0;
  // Nothing may be committed or dialled after this time, unless a later one is told.
  virtual void MayActUntil(absl::Time limit) = 0;
};

class CampaignKeeper {
 public:
  struct Parts {  // all of them outlive the keeper
    CampaignStore& store;
    CampaignRuns& runs;
    SchedulerMetrics& metrics;
    const Clock& clock;
  };
  struct Options {
    Replica::Options replica;
    absl::Duration heartbeat = absl::Seconds(30);
    absl::Duration look = absl::Seconds(1);  // for what nobody runs, and for news
  };

  CampaignKeeper(Parts parts, Options options);
  ~CampaignKeeper();

  // Hands everything over to other replicas, and ends. Callable once.
  void Stop();
  // OK while it has joined.
  absl::Status status() const;

 private:
  void Run(const std::stop_token& stop);
  absl::Status Round();
  absl::Status Look(absl::Time now);
  void Lose(const absl::Status& cause);
  void SetStatus(absl::Status status);

  Parts parts_;
  const Options options_;
  std::unique_ptr<Replica> replica_;  // of the thread
  absl::Time beaten_at_;
  absl::Time looked_at_;
  bool changed_ = false;
  mutable std::mutex mutex_;
  absl::Status status_;
  std::jthread thread_;
};

}  // namespace trunkline::scheduler
