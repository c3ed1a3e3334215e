// Carries out the orders and releases of an account's numbers, and keeps its list.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/numbers/number_lister.h"
#include "services/call-tracking-sync/numbers/number_orders.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

class NumberKeeper {
 public:
  struct Options {
    absl::Duration settle_after = absl::Minutes(1);  // so late a purchase without an answer may still show
    absl::Duration list_every = absl::Hours(24);
    absl::Duration list_after_release = absl::Minutes(10);
    absl::Duration try_again_after = absl::Minutes(1);  // after a failure that may pass
  };
  // Both outlive the object. The pool acts across businesses.
  NumberKeeper(postgres::Pool& pool, const Clock& clock, Options options)
      : pool_(pool),
        clock_(clock),
        options_(options),
        lister_(pool, clock,
                {.every = options.list_every,
                 .after_release = options.list_after_release,
                 .try_again_after = options.try_again_after}),
        orders_(pool, clock, lister_,
                {.settle_after = options.settle_after, .try_again_after = options.try_again_after}) {}

  // The next thing that is due of an account; false when nothing is. Only its owner calls it, one at a time: what is
  // found half done was left so by a crash. A failure of the platform is no error, it is in the tables; ABORTED when
  // the account has another owner.
  absl::StatusOr<bool> WorkOn(const AccountAtWork& work);

 private:
  absl::StatusOr<bool> ReleaseNext(const AccountAtWork& work);

  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
  NumberLister lister_;
  NumberOrders orders_;
};

}  // namespace trunkline::tracking_sync
