// Carries out the orders of an account's numbers.
//
// An order is a saga: what is about to be asked is committed; then the platform is asked, once; then its answer is
// committed. Without an answer (a time-out, a crash) the order is in doubt: after a while, in which a late purchase can
// show, the platform's list is read, and the order adopts its number, is sent once more, or waits for a person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/numbers/number_lister.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

class NumberOrders {
 public:
  struct Options {
    absl::Duration settle_after = absl::Minutes(1);     // so late a purchase without an answer may still show
    absl::Duration try_again_after = absl::Minutes(1);  // after a failure that may pass
  };
  // All of them outlive the object. The pool acts across businesses.
  NumberOrders(postgres::Pool& pool, const Clock& clock, NumberLister& lister, Options options)
      : pool_(pool), clock_(clock), lister_(lister), options_(options) {}

  // Each does one thing of an account, or says that there is nothing to do. ABORTED when the account has another owner.
  absl::StatusOr<bool> TakeUpWhatWasLeft(const AccountAtWork& work);
  absl::StatusOr<bool> SettleNext(const AccountAtWork& work);
  absl::StatusOr<bool> OrderNext(const AccountAtWork& work);

 private:
  struct Order;

  // The order is committed as being sent; nothing when it is not to be sent now.
  absl::StatusOr<std::optional<Order>> Begin(const AccountAtWork& work);
  absl::Status Conclude(const AccountAtWork& work, const Order& order,
                        const absl::StatusOr<tracking::Answer<tracking::ProvisionedNumber>>& answer);
  absl::Status Adopt(postgres::Transaction& tx, const AccountAtWork& work, const Order& order,
                     const tracking::TrackingNumber& number, const std::vector<std::string>& warnings);
  absl::Status SettleBy(const AccountAtWork& work, const Order& order, absl::Time listed_at);

  postgres::Pool& pool_;
  const Clock& clock_;
  NumberLister& lister_;
  const Options options_;
};

}  // namespace trunkline::tracking_sync
