// An account while its passes are read: its settings, its platform's clock, what is kept of it, and how its passes
// stand. For one thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/call-tracking-sync/accounts/tracked_accounts.h"
#include "services/call-tracking-sync/passes/planner.h"
#include "services/call-tracking-sync/runs/server_clock.h"
#include "services/call-tracking-sync/store/account_store.h"

namespace trunkline::tracking_sync {

struct PlannedAccount {
  TrackedAccountPtr tracked;  // null: it is gone
  ServerClock clock;
  AccountState state;
  std::vector<PassState> passes;

  // The passes that settings, probes and runs ask for; those that there were keep their place. `now` is ours.
  void Plan(absl::Time now);

  const tracking::Account& account() const { return tracked->account; }
  const tracking::TrackingPlatform& platform() const { return *tracked->platform; }
  tracking::PlatformClient& client() const { return tracked->platform->Client(); }
  bool Has(tracking::v1::Feature feature) const {
    return tracked->platform->Features(tracked->account).contains(feature);
  }
};

// A pass over a range that somebody asked for, or that was found to be needed.
bool IsRange(const Pass& pass);
bool IsRecovery(const Pass& pass);
// Of such a pass.
std::string_view RunIdOf(const Pass& pass);
// Its name for metrics, without the id of a run.
std::string_view KindOf(const Pass& pass);

}  // namespace trunkline::tracking_sync
