#include "services/call-tracking-sync/numbers/number_keeper.h"

#include <string>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"
#include "services/call-tracking-sync/numbers/number_rows.h"

namespace trunkline::tracking_sync {

using postgres::Result;
using postgres::Transaction;

absl::StatusOr<bool> NumberKeeper::WorkOn(const AccountAtWork& work) {
  for (const auto step : {&NumberOrders::TakeUpWhatWasLeft, &NumberOrders::SettleNext, &NumberOrders::OrderNext}) {
    TL_ASSIGN_OR_RETURN(const bool did_something, (orders_.*step)(work));
    if (did_something) return true;
  }
  TL_ASSIGN_OR_RETURN(const bool released, ReleaseNext(work));
  if (released) return true;
  return lister_.ListIfDue(work);
}

absl::StatusOr<bool> NumberKeeper::ReleaseNext(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  TL_ASSIGN_OR_RETURN(
      const std::string number, pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::string> {
        // One that was refused a moment ago waits with the others for the next list.
        TL_ASSIGN_OR_RETURN(
            const Result rows,
            tx.Execute("SELECT n.number FROM tracking_numbers n LEFT JOIN tracking_number_lists l USING "
                       "(provider_account_id) WHERE n.provider_account_id = $1 AND state = 3 AND "
                       "release_asked_at IS NULL AND (l.error IS NULL OR l.error = '' OR l.due_at <= "
                       "$2::timestamptz) ORDER BY n.number LIMIT 1",
                       {work.account.id, now}));
        return rows.empty() ? std::string() : rows.String(0, 0);
      }));
  if (number.empty()) return false;
  const absl::Status released = work.platform.Client().ReleaseNumber(work.account, number);
  absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    if (released.ok()) {
      TL_RETURN_IF_ERROR(tx.Execute("UPDATE tracking_numbers SET release_asked_at = $3::timestamptz WHERE "
                                    "provider_account_id = $1 AND number = $2",
                                    {work.account.id, number, now})
                             .status());
    }
    // The list tells when the number is gone.
    return tx
        .Execute(
            "INSERT INTO tracking_number_lists AS l (provider_account_id, business_id, due_at, error) VALUES ($1, "
            "$2, $3::timestamptz, $4) ON CONFLICT (provider_account_id) DO UPDATE SET due_at = least(l.due_at, "
            "excluded.due_at), error = excluded.error",
            {work.account.id, work.account.business_id,
             now + (released.ok() ? options_.list_after_release : options_.try_again_after),
             released.ok() ? std::string() : Concat("release: ", tracking::DescribeError(released))})
        .status();
  });
  if (!committed.ok()) return committed;
  return true;
}

}  // namespace trunkline::tracking_sync
