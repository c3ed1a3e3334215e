#include "services/call-tracking-sync/store/fetch_store.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::tracking_sync {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

absl::StatusOr<int64_t> FetchStore::Add(const std::vector<Notice>& notices) {
  // Sorted, so that two replicas that add at once do not wait for each other in a ring.
  std::map<std::pair<std::string_view, std::string_view>, std::pair<absl::Time, int64_t>> by_call;
  for (const Notice& notice : notices) {
    auto& [latest, count] =
        by_call.try_emplace({notice.account_id, notice.external_id}, absl::InfinitePast(), 0).first->second;
    latest = std::max(latest, notice.received_at);
    ++count;
  }
  if (by_call.empty()) return 0;
  std::vector<std::string> accounts;
  std::vector<std::string_view> ids;
  std::vector<std::optional<absl::Time>> times;
  std::vector<int64_t> counts;
  for (const auto& [call, told] : by_call) {
    accounts.emplace_back(call.first);
    ids.push_back(call.second);
    times.emplace_back(told.first);
    counts.push_back(told.second);
  }
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<int64_t> {
    // What came while the call was being read makes it due again: the reading may have been too early.
    TL_ASSIGN_OR_RETURN(
        const Result added,
        tx.Execute(
            "INSERT INTO tracking_fetches AS f (provider_account_id, external_id, business_id, notified_at, "
            "notifications, due_at) SELECT n.account, n.id, s.business_id, n.at, n.count, clock_timestamp() + $5 "
            "* interval '1 microsecond' FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bigint[]) AS "
            "n(account, id, at, count) JOIN sync_status s ON s.provider_account_id = n.account ON CONFLICT "
            "(provider_account_id, external_id) DO UPDATE SET notified_at = greatest(f.notified_at, "
            "EXCLUDED.notified_at), notifications = f.notifications + EXCLUDED.notifications, due_at = CASE WHEN "
            "f.attempts = 0 AND f.reason = 0 THEN least(f.due_at, EXCLUDED.due_at) ELSE EXCLUDED.due_at END, attempts "
            "= 0, reason = 0",
            {Parameter::Array(accounts), Parameter::Texts(ids), Parameter::Times(times), Parameter::Bigints(counts),
             absl::ToInt64Microseconds(coalesce_)}));
    return added.affected();
  });
}

absl::StatusOr<FetchStore::Due> FetchStore::ReadDue(std::string_view account_id,
                                                    const std::vector<FetchReason>& reasons, int most) {
  std::vector<int64_t> numbers;
  numbers.reserve(reasons.size());
  for (const FetchReason reason : reasons) numbers.push_back(static_cast<int64_t>(reason));
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Due> {
    static const std::string sql =
        Concat("SELECT external_id, ", Micros("notified_at"),
               ", notifications, attempts, (extract(epoch FROM due_at - clock_timestamp()) * 1000000)::bigint, "
               "wanted.reason FROM unnest($2::bigint[]) AS wanted(reason), LATERAL (SELECT * FROM tracking_fetches "
               "WHERE provider_account_id = $1 AND reason = wanted.reason::smallint ORDER BY due_at LIMIT $3) AS f "
               "ORDER BY wanted.reason, due_at, external_id");
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {account_id, Parameter::Bigints(numbers), most}));
    Due due;
    for (int i = 0; i < rows.size(); ++i) {
      const absl::Duration delay = absl::Microseconds(rows.Integer(i, 4));
      const auto reason = static_cast<FetchReason>(rows.Integer(i, 5));
      if (delay > absl::ZeroDuration()) {
        due.next = std::min(due.next, absl::Now() + delay);
        continue;
      }
      if (due.fetches.empty()) due.reason = reason;
      if (due.reason != reason) break;
      due.fetches.push_back({.external_id = rows.String(i, 0),
                             .notified_at = rows.Time(i, 1).value_or(absl::InfinitePast()),
                             .notifications = rows.Integer(i, 2),
                             .attempts = static_cast<int>(rows.Integer(i, 3))});
    }
    return due;
  });
}

absl::Status FetchStore::Delay(const Ownership& owner, const std::vector<std::string>& external_ids,
                               absl::Duration delay, std::string_view error) {
  return pool_
      .ExecuteInBusiness(
          owner.business_id,
          "UPDATE tracking_fetches SET attempts = attempts + 1, due_at = clock_timestamp() + $3 * "
          "interval '1 microsecond', last_error = $4 WHERE provider_account_id = $1 AND external_id = ANY "
          "($2)",
          {owner.account_id, Parameter::Array(external_ids), absl::ToInt64Microseconds(delay), error})
      .status();
}

}  // namespace trunkline::tracking_sync
