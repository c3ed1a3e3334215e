#include "services/call-tracking-sync/store/account_store.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/call-tracking-sync/recovery/told_by_webhook.h"
#include "services/call-tracking-sync/store/checkpoint_rows.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

std::optional<bool> BooleanOrNone(const Result& rows, int row, int column) {
  if (rows.IsNull(row, column)) return std::nullopt;
  return rows.Boolean(row, column);
}

absl::StatusOr<std::vector<RangeRun>> ReadOpenRuns(Transaction& tx, std::string_view account_id) {
  static const std::string sql = Concat("SELECT run_id, kind, ", Micros("range_from"), ", ", Micros("range_to"),
                                        ", state FROM sync_runs WHERE provider_account_id = $1 AND state IN ('queued', "
                                        "'running', 'paused') ORDER BY created_at, run_id");
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {account_id}));
  std::vector<RangeRun> runs;
  runs.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    runs.push_back({.run_id = rows.String(i, 0),
                    .kind = rows.String(i, 1),
                    .from = rows.Time(i, 2).value_or(absl::UnixEpoch()),
                    .to = rows.Time(i, 3).value_or(absl::UnixEpoch()),
                    .state = rows.String(i, 4)});
  }
  return runs;
}

}  // namespace

absl::StatusOr<bool> AccountStore::SetKnown(const std::vector<Known>& accounts) {
  std::vector<std::string> ids, businesses, providers;
  for (const Known& account : accounts) {
    ids.push_back(account.account_id);
    businesses.push_back(account.business_id);
    providers.push_back(account.provider);
  }
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    TL_ASSIGN_OR_RETURN(
        const Result added,
        tx.Execute(
            "INSERT INTO sync_status (provider_account_id, business_id, provider) SELECT * FROM "
            "unnest($1::uuid[], $2::uuid[], $3::text[]) ON CONFLICT (provider_account_id) DO UPDATE SET is_wanted "
            "= true WHERE NOT sync_status.is_wanted",
            {Parameter::Array(ids), Parameter::Array(businesses), Parameter::Array(providers)}));
    TL_ASSIGN_OR_RETURN(
        const Result gone,
        tx.Execute("UPDATE sync_status SET is_wanted = false WHERE is_wanted AND provider_account_id <> "
                   "ALL ($1::uuid[])",
                   {Parameter::Array(ids)}));
    return added.affected() + gone.affected() > 0;
  });
}

absl::StatusOr<AccountState> AccountStore::Read(std::string_view account_id) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<AccountState> {
    AccountState state;
    static const std::string sql =
        Concat("SELECT paused_at IS NOT NULL, ", Micros("known_since"), ", lists_by_end, lists_by_change, ",
               Micros("probed_at"),
               ", order_violated_at IS NOT NULL, array_to_string(without_columns, ',') FROM sync_status WHERE "
               "provider_account_id = $1");
    TL_ASSIGN_OR_RETURN(const Result status, tx.Execute(sql, {account_id}));
    if (status.empty()) return absl::NotFoundError("the account is not known to the synchronization");
    state.is_paused = status.Boolean(0, 0);
    state.known_since = status.Time(0, 1).value_or(absl::Now());
    state.probes = {.lists_by_end = BooleanOrNone(status, 0, 2),
                    .lists_by_change = BooleanOrNone(status, 0, 3),
                    .probed_at = status.Time(0, 4)};
    state.order_violated = status.Boolean(0, 5);
    for (const std::string_view column : Split(status.Text(0, 6), ',')) {
      if (!column.empty()) state.without_columns.emplace_back(column);
    }
    TL_ASSIGN_OR_RETURN(state.checkpoints, ReadCheckpoints(tx, account_id));
    TL_ASSIGN_OR_RETURN(state.runs, ReadOpenRuns(tx, account_id));
    return state;
  });
}

absl::StatusOr<AccountStore::News> AccountStore::ReadNews(std::string_view account_id) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<News> {
    News news;
    TL_ASSIGN_OR_RETURN(const Result status,
                        tx.Execute("SELECT paused_at IS NOT NULL, order_violated_at IS NOT NULL FROM sync_status WHERE "
                                   "provider_account_id = $1",
                                   {account_id}));
    if (!status.empty()) {
      news.is_paused = status.Boolean(0, 0);
      news.order_violated = status.Boolean(0, 1);
    }
    TL_ASSIGN_OR_RETURN(news.runs, ReadOpenRuns(tx, account_id));
    return news;
  });
}

absl::Status AccountStore::Set(const Ownership& owner, std::string_view assignment, std::vector<Parameter> parameters) {
  parameters.insert(parameters.begin(), {Parameter(owner.account_id), Parameter(owner.epoch)});
  return pool_
      .ExecuteInBusiness(
          owner.business_id,
          Concat("UPDATE sync_status SET ", assignment, " WHERE provider_account_id = $1 AND epoch = $2"), parameters)
      .status();
}

absl::Status AccountStore::SetProbes(const Ownership& owner, const Probes& probes) {
  return Set(owner, "lists_by_end = $3, lists_by_change = $4, probed_at = $5",
             {probes.lists_by_end, probes.lists_by_change, probes.probed_at});
}

absl::Status AccountStore::AddUnknownColumn(const Ownership& owner, std::string_view column) {
  return Set(owner, "without_columns = array_append(array_remove(without_columns, $3), $3)", {column});
}

absl::Status AccountStore::SetOrderViolated(const Ownership& owner) {
  return Set(owner, "order_violated_at = now()", {});
}

absl::Status AccountStore::SetError(const Ownership& owner, std::string_view error) {
  return Set(owner, "last_error = $3, last_error_at = now()", {error});
}

absl::Status AccountStore::SetClockOffset(const Ownership& owner, absl::Duration offset) {
  return Set(owner, "clock_offset = $3 * interval '1 microsecond'", {absl::ToInt64Microseconds(offset)});
}

absl::Status AccountStore::SetRunState(const Ownership& owner, std::string_view run_id, std::string_view state,
                                       std::string_view error) {
  static const std::string sql = Concat(
      "UPDATE sync_runs r SET state = $3, error = $4, finished_at = CASE WHEN $3 IN ('done', "
      "'failed', 'canceled') THEN now() END, webhook_missing = CASE WHEN $3 = 'done' AND kind = "
      "'recovery' THEN (SELECT count(*) FROM tracked_records t WHERE t.provider_account_id = $1 AND "
      "t.started_at >= r.range_from AND t.started_at < r.range_to AND t.ended_at IS NOT NULL AND NOT ",
      ToldByWebhook("t"),
      ") ELSE 0 END WHERE run_id = $5 "
      "AND state NOT IN ('canceled', 'done') AND EXISTS (SELECT FROM sync_status s WHERE "
      "s.provider_account_id = $1 AND s.epoch = $2)");
  return pool_.ExecuteInBusiness(owner.business_id, sql, {owner.account_id, owner.epoch, state, error, run_id})
      .status();
}

absl::Status AccountStore::AddBackfill(const Ownership& owner, std::string_view key, absl::Time from, absl::Time to) {
  // The same key gives the same id, so that a crash does not ask for it twice.
  const std::string id = UuidOfName("tracking.backfill", Concat(owner.account_id, "/", key));
  return pool_
      .ExecuteInBusiness(
          owner.business_id,
          "INSERT INTO sync_runs (run_id, business_id, provider_account_id, kind, range_from, range_to, "
          "requested_by, request_id) SELECT $3::uuid, business_id, provider_account_id, 'backfill', $4::timestamptz, "
          "$5::timestamptz, 'call-tracking-sync', $3::uuid FROM sync_status WHERE provider_account_id = $1 AND epoch = "
          "$2 ON "
          "CONFLICT DO NOTHING",
          {owner.account_id, owner.epoch, id, from, to})
      .status();
}

absl::StatusOr<double> AccountStore::UsualCalls(std::string_view account_id, absl::Time from, absl::Time to) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<double> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute("SELECT count(r.external_id) FROM generate_series(1, 4) AS week LEFT JOIN tracked_records r ON "
                   "r.provider_account_id = $1 AND r.started_at >= $2::timestamptz - week * interval '7 days' AND "
                   "r.started_at < $3::timestamptz - week * interval '7 days'",
                   {account_id, from, to}));
    return static_cast<double>(rows.Integer(0, 0)) / 4;
  });
}

absl::StatusOr<std::vector<std::string>> AccountStore::LiveCalls(std::string_view account_id, absl::Time from,
                                                                 absl::Time to, int most) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::vector<std::string>> {
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute("SELECT external_id FROM tracked_records WHERE provider_account_id = $1 AND is_live "
                                   "AND gone_at IS NULL AND stale_at IS NULL AND started_at >= $2 AND started_at < $3 "
                                   "ORDER BY started_at, external_id LIMIT $4",
                                   {account_id, from, to, most}));
    std::vector<std::string> ids;
    ids.reserve(static_cast<size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) ids.push_back(rows.String(i, 0));
    return ids;
  });
}

absl::StatusOr<std::vector<std::string>> AccountStore::UnlistedCalls(std::string_view account_id, absl::Time from,
                                                                     absl::Time to, absl::Time read_before,
                                                                     const std::vector<std::string_view>& listed,
                                                                     int most) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::vector<std::string>> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute("SELECT r.external_id FROM tracked_records r LEFT JOIN unnest($5::text[]) AS l(id) ON l.id = "
                   "r.external_id WHERE r.provider_account_id = $1 AND r.started_at >= $2 AND r.started_at < $3 AND "
                   "r.requested_at < $4 AND NOT r.is_live AND r.gone_at IS NULL AND l.id IS NULL ORDER BY "
                   "r.started_at, r.external_id LIMIT $6",
                   {account_id, from, to, read_before, Parameter::Texts(listed), most}));
    std::vector<std::string> ids;
    ids.reserve(static_cast<size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) ids.push_back(rows.String(i, 0));
    return ids;
  });
}

}  // namespace trunkline::tracking_sync
