// Reads the calls of one account that are to be read by their ids: those that webhooks told of first. Used by one
// thread; blocks.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/call-tracking-sync/runs/account_parts.h"
#include "services/call-tracking-sync/work/call_fetching.h"

namespace trunkline::tracking_sync {

class FetchRunner {
 public:
  FetchRunner(const AccountParts& parts, Ownership owner, CommitRecords commit);

  absl::StatusOr<StepResult> Step();

 private:
  // The reasons whose turn is now, by the budget.
  std::vector<FetchReason> ReasonsWithRoom(absl::Time now) const;
  absl::StatusOr<StepResult> Fetch(const TrackedAccount& account, FetchReason reason, const std::vector<DueFetch>& due);
  // A call that a webhook told of and that the platform does not know: it may learn of it a moment later.
  absl::Status AskAgain(const TrackedAccount& account, const std::vector<DueFetch>& unknown);
  absl::StatusOr<StepResult> DealWith(const TrackedAccount& account, const std::vector<DueFetch>& due,
                                      const absl::Status& error);
  absl::StatusOr<StepResult> Commit(const TrackedAccount& account, const RecordBatch& batch);

  const AccountParts parts_;
  const Ownership owner_;
  const CommitRecords commit_;
};

}  // namespace trunkline::tracking_sync
