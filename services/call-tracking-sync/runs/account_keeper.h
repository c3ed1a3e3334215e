// Keeps this replica's accounts: takes what nobody reads, and lets go what is not to be read any more. A thread of its
// own; see libs/ownership/keeper.h.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/ownership/keeper.h"
#include "services/call-tracking-sync/runs/account_sync.h"

namespace trunkline::tracking_sync {

class AccountKeeper final : private ownership::Owner {
 public:
  struct Options {
    std::string database_url;  // role trunkline_tracking_worker
    std::string address;       // told to whoever asks who reads an account
    absl::Duration heartbeat = absl::Seconds(10);
    absl::Duration silence = absl::Minutes(1);
  };

  AccountKeeper(const AccountParts& parts, Options options);
  ~AccountKeeper() override { Stop(); }

  // Hands everything over to other replicas, and ends. May be called again.
  void Stop() { keeper_.Stop(); }
  // OK while it has joined.
  absl::Status status() const { return keeper_.status(); }

 private:
  void Joined() override { told_.reset(); }
  absl::StatusOr<bool> Look(ownership::Replica& replica, absl::Time now) override;
  std::vector<ownership::Ownership> DropAll(Drop why) override;
  absl::Status TellKnown();

  const AccountParts parts_;
  const SteadyClock clock_;  // who owns what is about the time that passes, and nobody sets it
  // Of the keeper's thread.
  std::map<std::string, std::unique_ptr<AccountSync>> running_;
  std::shared_ptr<const TrackedAccountMap> told_;
  ownership::Keeper keeper_;
};

}  // namespace trunkline::tracking_sync
