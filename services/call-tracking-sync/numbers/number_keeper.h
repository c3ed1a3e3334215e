// Carries out the orders and releases of an account's numbers, and keeps its list.
//
// An order is a saga: what is about to be asked is committed; then the platform is asked, once; then its answer is
// committed. Without an answer (a time-out, a crash) the order is in doubt: after a while, in which a late purchase can
// show, the platform's list is read, and the order adopts its number, is sent once more, or waits for a person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/work/account_at_work.h"
#include "trunkline/tracking/v1/tracking_number_service.pb.h"

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
      : pool_(pool), clock_(clock), options_(options) {}

  // The next thing that is due of an account; false when nothing is. Only its owner calls it, one at a time: what is
  // found half done was left so by a crash. A failure of the platform is no error, it is in the tables; ABORTED when
  // the account has another owner.
  absl::StatusOr<bool> WorkOn(const AccountAtWork& work);

 private:
  struct Order;

  absl::StatusOr<bool> TakeUpWhatWasLeft(const AccountAtWork& work);
  absl::StatusOr<bool> SettleNext(const AccountAtWork& work);
  absl::StatusOr<bool> OrderNext(const AccountAtWork& work);
  absl::StatusOr<bool> ReleaseNext(const AccountAtWork& work);
  absl::StatusOr<bool> ListIfDue(const AccountAtWork& work);

  // The order is committed as being sent; nothing when it is not to be sent now.
  absl::StatusOr<std::optional<Order>> Begin(const AccountAtWork& work);
  absl::Status Conclude(const AccountAtWork& work, const Order& order,
                        const absl::StatusOr<tracking::Answer<tracking::ProvisionedNumber>>& answer);
  absl::Status Adopt(postgres::Transaction& tx, const AccountAtWork& work, const Order& order,
                     const tracking::TrackingNumber& number, const std::vector<std::string>& warnings);
  absl::Status SettleBy(const AccountAtWork& work, const Order& order, absl::Time listed_at);
  // The platform's whole list, into the table. False when it could not be read, which is noted.
  absl::StatusOr<bool> ReadAndPutList(const AccountAtWork& work, absl::Time now);

  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
};

}  // namespace trunkline::tracking_sync
