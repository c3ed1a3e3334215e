// Keeps the platforms' lists of tracking numbers in the table.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

class NumberLister {
 public:
  struct Options {
    absl::Duration every = absl::Hours(24);
    absl::Duration after_release = absl::Minutes(10);
    absl::Duration try_again_after = absl::Minutes(1);  // after a failure that may pass
  };
  // Both outlive the object. The pool acts across businesses.
  NumberLister(postgres::Pool& pool, const Clock& clock, Options options)
      : pool_(pool), clock_(clock), options_(options) {}

  // False when the list is not due. ABORTED when the account has another owner; so with all.
  absl::StatusOr<bool> ListIfDue(const AccountAtWork& work);
  // The platform's whole list, into the table. False when it could not be read, which is noted.
  absl::StatusOr<bool> ReadAndPutList(const AccountAtWork& work, absl::Time now);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
};

}  // namespace trunkline::tracking_sync
