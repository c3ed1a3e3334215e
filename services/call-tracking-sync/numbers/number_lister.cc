#include "services/call-tracking-sync/numbers/number_lister.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"
#include "services/call-tracking-sync/numbers/number_rows.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Result;
using postgres::Transaction;
using tracking::TrackingNumber;

constexpr int kMostPages = 1'000;

absl::StatusOr<std::vector<TrackingNumber>> ListAll(const AccountAtWork& work) {
  std::vector<TrackingNumber> numbers;
  std::optional<tracking::Position> position;
  for (int page = 0; page < kMostPages; ++page) {
    TL_ASSIGN_OR_RETURN(tracking::Page<TrackingNumber> listed,
                        work.platform.Client().ListNumbers(work.account, position));
    std::move(listed.items.begin(), listed.items.end(), std::back_inserter(numbers));
    if (!listed.next.has_value()) return numbers;
    if (listed.next == position) break;
    position = std::move(listed.next);
  }
  return tracking::StatusOf(tracking::MakeError(work.platform.Name(), tracking::v1::TRACKING_ERROR_CODE_CURSOR_LOOP,
                                                "the list of numbers does not end"));
}

}  // namespace

absl::StatusOr<bool> NumberLister::ListIfDue(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  TL_ASSIGN_OR_RETURN(const bool is_due, pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute("SELECT due_at <= $2::timestamptz FROM tracking_number_lists WHERE "
                                   "provider_account_id = $1",
                                   {work.account.id, now}));
    return rows.empty() || rows.Boolean(0, 0);
  }));
  if (!is_due) return false;
  TL_RETURN_IF_ERROR(ReadAndPutList(work, now).status());
  return true;
}

absl::StatusOr<bool> NumberLister::ReadAndPutList(const AccountAtWork& work, absl::Time now) {
  const absl::StatusOr<std::vector<TrackingNumber>> numbers = ListAll(work);
  absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    if (numbers.ok()) TL_RETURN_IF_ERROR(PutList(tx, work.account, *numbers, now));
    // What the platform lacks is looked for again once a day.
    const bool may_pass = !numbers.ok() && numbers.status().code() != absl::StatusCode::kUnimplemented;
    TL_ASSIGN_OR_RETURN(const Result releasing,
                        tx.Execute("SELECT FROM tracking_numbers WHERE provider_account_id = $1 AND state = 3 LIMIT 1",
                                   {work.account.id}));
    const absl::Duration wait = may_pass            ? options_.try_again_after
                                : releasing.empty() ? options_.every
                                                    : options_.after_release;
    return tx
        .Execute(
            "INSERT INTO tracking_number_lists (provider_account_id, business_id, listed_at, due_at, error) VALUES "
            "($1, $2, $3::timestamptz, $4::timestamptz, $5) ON CONFLICT (provider_account_id) DO UPDATE SET "
            "listed_at = coalesce(excluded.listed_at, tracking_number_lists.listed_at), due_at = excluded.due_at, "
            "error = excluded.error",
            {work.account.id, work.account.business_id, numbers.ok() ? std::optional(now) : std::optional<absl::Time>(),
             now + wait, numbers.ok() ? std::string() : tracking::DescribeError(numbers.status())})
        .status();
  });
  if (!committed.ok()) return committed;
  return numbers.ok();
}

}  // namespace trunkline::tracking_sync
