// One replica of the scheduler in the database: that it lives, and which campaigns it takes.
//
// It lives as long as its session: a lock that only its session holds tells so, and is free at the moment in which the
// process dies. A process that is there and does nothing is known by its heartbeat. Whoever takes a campaign raises its
// epoch, and from then on nothing of an earlier owner is committed.
//
// Used by one thread; blocks. After an error the session may be lost, and another replica may take everything: the
// object is to be thrown away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

// A campaign that this replica runs from now on.
struct Claim {
  Ownership ownership;
  std::string reason;  // why the owner before does not: "started", "handed_over", "died", "silent"
};

class Replica {
 public:
  struct Options {
    std::string database_url;                    // role trunkline_scheduler_worker
    std::string address;                         // told to whoever asks who runs a campaign
    absl::Duration silence = absl::Minutes(2);   // after which a replica counts as gone
    absl::Duration courtesy = absl::Seconds(3);  // for others to take their part of what nobody runs
  };

  static absl::StatusOr<std::unique_ptr<Replica>> Join(Options options);
  // Ends the session.
  ~Replica();

  const std::string& id() const { return id_; }
  // Shows that it lives.
  absl::Status Beat();
  // Takes campaigns that nobody runs: up to this replica's fair part, of which it runs `running` already; beyond it
  // what others leave.
  absl::StatusOr<std::vector<Claim>> ClaimOrphans(size_t running, absl::Time now);
  // Campaigns that this replica does not run any more: nothing of them is under way.
  absl::Status LetGo(const std::vector<Ownership>& finished);
  // Campaigns that another one is to go on with at once.
  absl::Status HandOver(const std::vector<Ownership>& running);
  // True when something changed about campaigns; false when nothing did in that time.
  absl::StatusOr<bool> WaitForChange(absl::Duration limit);

 private:
  Replica(Options options, std::string id, std::unique_ptr<postgres::Connection> session);
  struct Orphan {
    std::string campaign_id;
    int64_t epoch;
    std::string reason;
  };
  struct Look {
    std::vector<Orphan> orphans;
    size_t campaigns = 0;  // that somebody has to run
    size_t replicas = 1;   // that live
  };
  absl::StatusOr<Look> LookForOrphans();
  absl::StatusOr<std::vector<Claim>> Take(const std::vector<Orphan>& orphans);

  const Options options_;
  const std::string id_;
  const std::unique_ptr<postgres::Connection> session_;
  std::map<std::string, absl::Time> seen_;  // since when nobody runs them, by campaign
};

}  // namespace trunkline::scheduler
