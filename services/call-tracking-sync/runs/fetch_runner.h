// Reads the calls of one account that webhooks told of. Used by one thread; blocks.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/call-tracking-sync/runs/account_parts.h"

namespace trunkline::tracking_sync {

class FetchRunner {
 public:
  FetchRunner(const AccountParts& parts, Ownership owner, CommitRecords commit);

  absl::StatusOr<StepResult> Step();

 private:
  absl::StatusOr<StepResult> FetchMany(const TrackedAccount& account, const std::vector<DueFetch>& due);
  absl::StatusOr<StepResult> FetchOne(const TrackedAccount& account, const DueFetch& due);
  // Calls that the platform does not know: it may learn of them a moment later.
  absl::Status AskAgain(const TrackedAccount& account, const std::vector<DueFetch>& unknown);
  absl::StatusOr<StepResult> DealWith(const TrackedAccount& account, const std::vector<DueFetch>& due,
                                      const absl::Status& error);
  absl::StatusOr<StepResult> Commit(const TrackedAccount& account, std::vector<tracking::PlatformCall> calls,
                                    std::vector<DoneFetch> done);

  const AccountParts parts_;
  const Ownership owner_;
  const CommitRecords commit_;
};

}  // namespace trunkline::tracking_sync
