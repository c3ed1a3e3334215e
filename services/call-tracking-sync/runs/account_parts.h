// What the work on one account needs.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "services/call-tracking-sync/accounts/tracked_accounts.h"
#include "services/call-tracking-sync/budget/request_budget.h"
#include "services/call-tracking-sync/metrics/sync_metrics.h"
#include "services/call-tracking-sync/store/account_store.h"
#include "services/call-tracking-sync/store/fetch_store.h"
#include "services/call-tracking-sync/store/record_store.h"

namespace trunkline::tracking_sync {

// Commits records of the account, one batch at a time.
using CommitRecords =
    std::function<absl::StatusOr<RecordOutcome>(const tracking::Account& account, const RecordBatch& batch)>;

// What a step of the work on an account came to.
struct StepResult {
  absl::Time wake_at = absl::InfinitePast();  // when there may be more to do; the past: at once
  bool over = false;                          // the account is another's, or gone
};

// All of them outlive whoever has them.
struct AccountParts {
  AccountStore& store;
  RecordStore& records;
  FetchStore& fetches;
  RequestBudget& budget;
  const TrackedAccounts& accounts;
  SyncMetrics& metrics;
  const Clock& clock;
  std::function<double()> chance;  // from 0 to 1, for the jitter of waits
  // A step of what an owner does for an account beside reading its calls; may be none.
  std::function<absl::StatusOr<StepResult>(const Ownership& owner, const CommitRecords& commit)> upkeep = nullptr;
};

// What a batch came to; `failed`: elements that were no calls.
void CountRecords(const RecordOutcome& outcome, std::string_view platform, size_t failed, SyncMetrics& metrics);

ResourceLimits LimitsOf(const TrackedAccount& account);

}  // namespace trunkline::tracking_sync
