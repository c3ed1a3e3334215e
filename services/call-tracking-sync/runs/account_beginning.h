// What must be known of an account before its first pass: whether the platform takes its credentials, the platform's
// time, which lists work, and from when on it is read.
#pragma once

#include "absl/status/status.h"
#include "services/call-tracking-sync/runs/account_parts.h"
#include "services/call-tracking-sync/runs/planned_account.h"

namespace trunkline::tracking_sync {

// For one thread; blocks.
class AccountBeginning {
 public:
  AccountBeginning(const AccountParts& parts, Ownership owner, CommitRecords commit);

  // Asks the platform; what one try found out, the next need not ask again. FAILED_PRECONDITION when the account has
  // another owner.
  absl::Status Begin(PlannedAccount* planned);

  // Whether it is time to look once more which lists work that no document promises.
  bool MustProbe(const PlannedAccount& planned) const;
  absl::Status Probe(PlannedAccount* planned);

 private:
  absl::Status CheckCredentials(PlannedAccount* planned);
  // The watermarks of passes that have none, or one from before a long outage; what was before is a backfill's.
  absl::Status SetWatermarks(PlannedAccount* planned);

  const AccountParts parts_;
  const Ownership owner_;
  const CommitRecords commit_;
  TrackedAccountPtr checked_;  // whose platform took its credentials
  Probes probing_;             // what is known of probes under way
};

}  // namespace trunkline::tracking_sync
