// Keeps this replica's campaigns: takes what nobody runs, and tells whoever runs the campaigns what is new about them.
// A thread of its own; see libs/ownership/keeper.h.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/ownership/keeper.h"
#include "services/campaign-scheduler/metrics/scheduler_metrics.h"
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

class CampaignKeeper final : private ownership::Owner {
 public:
  struct Parts {  // all of them outlive the keeper
    CampaignStore& store;
    CampaignRuns& runs;
    SchedulerMetrics& metrics;
    const Clock& clock;
  };
  struct Options {
    std::string database_url;  // role trunkline_scheduler_worker
    std::string address;       // told to whoever asks who runs a campaign
    absl::Duration heartbeat = absl::Seconds(30);
    absl::Duration silence = absl::Minutes(2);  // after which a replica counts as gone
  };

  CampaignKeeper(Parts parts, Options options);
  ~CampaignKeeper() override { Stop(); }

  // Hands everything over to other replicas, and ends. May be called again.
  void Stop() { keeper_.Stop(); }
  // OK while it has joined.
  absl::Status status() const { return keeper_.status(); }

 private:
  void MayActUntil(absl::Time limit) override { parts_.runs.MayActUntil(limit); }
  absl::StatusOr<bool> Look(ownership::Replica& replica, absl::Time now) override;
  std::vector<ownership::Ownership> DropAll(Drop why) override;

  const Parts parts_;
  ownership::Keeper keeper_;
};

}  // namespace trunkline::scheduler
