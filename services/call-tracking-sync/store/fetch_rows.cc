#include "services/call-tracking-sync/store/fetch_rows.h"

#include <optional>
#include <string_view>

#include "libs/base/status.h"
#include "services/call-tracking-sync/store/finite_time.h"

namespace trunkline::tracking_sync {

using postgres::Parameter;
using postgres::Transaction;

absl::Status PutFetches(Transaction& tx, const Ownership& owner, const std::vector<WantedFetch>& wanted) {
  if (wanted.empty()) return absl::OkStatus();
  std::vector<std::string_view> ids;
  std::vector<int64_t> reasons;
  for (const WantedFetch& fetch : wanted) {
    ids.push_back(fetch.external_id);
    reasons.push_back(static_cast<int64_t>(fetch.reason));
  }
  return tx
      .Execute(
          "INSERT INTO tracking_fetches (provider_account_id, external_id, business_id, reason, notifications, due_at) "
          "SELECT $1::uuid, e, $2::uuid, r, 0, clock_timestamp() FROM unnest($3::text[], $4::bigint[]) AS w(e, r) "
          "ORDER BY e ON CONFLICT (provider_account_id, external_id) DO NOTHING",
          {owner.account_id, owner.business_id, Parameter::Texts(ids), Parameter::Bigints(reasons)})
      .status();
}

absl::Status FinishFetches(Transaction& tx, const Ownership& owner, const std::vector<DoneFetch>& fetches) {
  if (fetches.empty()) return absl::OkStatus();
  std::vector<std::string_view> ids;
  std::vector<std::optional<absl::Time>> notified;
  std::vector<int64_t> notifications;
  for (const DoneFetch& fetch : fetches) {
    ids.push_back(fetch.external_id);
    notified.push_back(FiniteOrNone(fetch.notified_at));
    notifications.push_back(fetch.notifications);
  }
  return tx
      .Execute(
          "WITH done AS (SELECT * FROM unnest($2::text[], $3::timestamptz[], $4::bigint[]) AS "
          "d(external_id, notified_at, notifications)), gone "
          "AS (DELETE FROM tracking_fetches f USING done d WHERE f.provider_account_id = $1 AND f.external_id = "
          "d.external_id AND f.notifications = d.notifications) UPDATE tracked_records r SET webhook_at = "
          "greatest(r.webhook_at, d.notified_at) FROM done d WHERE r.provider_account_id = $1 AND r.external_id = "
          "d.external_id",
          {owner.account_id, Parameter::Texts(ids), Parameter::Times(notified), Parameter::Bigints(notifications)})
      .status();
}

}  // namespace trunkline::tracking_sync
