// An account in the hands of whoever owns it, by the epoch of its row in sync_status.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

// All that is referred to outlives the work.
struct OwnedAccount {
  const tracking::Account& account;
  const tracking::TrackingPlatform& platform;
  int64_t epoch = 0;
  postgres::Pool& pool;  // across businesses
  // Commits records that were read under the epoch, with what is known of each call, unless it says the same as before.
  // False when the epoch is over and nothing was committed.
  std::function<absl::StatusOr<bool>(const std::vector<tracking::PlatformCall>&, webhooks::v1::RecordReason)> commit;
};

// Records go out even when the same was sent before: the tables turned out not to have them. What is known of such a
// call is forgotten first, save how many readings there were.
AccountAtWork AtWork(const OwnedAccount& owned);

}  // namespace trunkline::tracking_sync
