// When a list is not believed.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/call-tracking-sync/passes/pass.h"
#include "services/call-tracking-sync/store/account_store.h"
#include "services/call-tracking-sync/store/fetch_rows.h"

namespace trunkline::tracking_sync {

// Whether the first page of a window with what is new is empty though at this hour of the week there usually are calls.
absl::StatusOr<bool> IsSuspiciouslyEmpty(AccountStore& store, const Ownership& owner, const Pass& pass,
                                         const PassRun& run, const PageFacts& facts);

// At the end of a window that was read from its first page on: calls that are known and that none of its pages told.
// They are to be asked for by their ids. `seen`: the ids on its pages; `began`: when it was begun, by our clock.
absl::StatusOr<std::vector<WantedFetch>> FindLost(AccountStore& store, const Ownership& owner, const Pass& pass,
                                                  const Window& window, Sequel::Kind sequel,
                                                  const std::unordered_set<std::string>& seen, absl::Time began);

}  // namespace trunkline::tracking_sync
