#include "services/gateway/accounts/key_limits.h"

#include "absl/strings/str_format.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/gateway/request/quota_errors.h"

namespace trunkline::gateway {
namespace {

using postgres::Result;
using postgres::Transaction;

constexpr int kSettledAtOnce = 500;
constexpr absl::Duration kLongestWaitForCost = absl::Hours(24);
constexpr std::string_view kKind = "api_key";

std::string Amount(int64_t micros, std::string_view currency) {
  return Concat(absl::StrFormat("%d.%02d", micros / 1'000'000, micros % 1'000'000 / 10'000), " ", currency);
}

// One of the two caps, and how far it is used.
struct Cap {
  std::string name;
  std::optional<int64_t> most;
  int64_t used = 0;
  absl::Duration until_next;
};

absl::Status CheckCap(const KeyLimits& limits, const Cap& cap) {
  if (!cap.most.has_value()) return absl::OkStatus();
  if (cap.used < *cap.most && cap.used + limits.reserve_micros <= *cap.most) return absl::OkStatus();
  return QuotaExceeded(Reason::REASON_SPENDING_CAP_REACHED,
                       {.subject_kind = std::string(kKind),
                        .subject = limits.api_key_id,
                        .limit = cap.name,
                        .most = Amount(*cap.most, limits.currency)},
                       cap.until_next);
}

absl::Status TakeSpending(Transaction& tx, std::string_view business_id, const KeyLimits& limits,
                          std::string_view call_id) {
  TL_RETURN_IF_ERROR(
      tx.Execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", {Concat("spending ", limits.api_key_id)})
          .status());
  TL_RETURN_IF_ERROR(LookAtSpending(tx, limits));
  return tx
      .Execute(
          "INSERT INTO api_key_open_calls (call_id, api_key_id, business_id, placed_at, reserve_micros, currency) "
          "VALUES ($1, $2, $3, clock_timestamp(), $4, $5)",
          {call_id, limits.api_key_id, business_id, limits.reserve_micros, limits.currency})
      .status();
}

}  // namespace

absl::StatusOr<std::map<std::string, KeyLimits, std::less<>>> ReadKeyLimits(Transaction& tx) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT api_key_id, calls_per_minute, calls_per_hour, calls_per_day, "
                                 "spend_per_day_micros, spend_per_month_micros, reserve_micros, currency "
                                 "FROM api_key_limits"));
  std::map<std::string, KeyLimits, std::less<>> keys;
  for (int i = 0; i < rows.size(); ++i) {
    KeyLimits& limits = keys[rows.String(i, 0)];
    limits.api_key_id = rows.String(i, 0);
    const auto add = [&](std::string_view name, absl::Duration window, int column) {
      if (rows.IsNull(i, column)) return;
      limits.rates.push_back({.name = std::string(name), .window = window, .most = rows.Integer(i, column)});
    };
    add("calls_per_minute", absl::Minutes(1), 1);
    add("calls_per_hour", absl::Hours(1), 2);
    add("calls_per_day", absl::Hours(24), 3);
    if (!rows.IsNull(i, 4)) limits.spend_per_day_micros = rows.Integer(i, 4);
    if (!rows.IsNull(i, 5)) limits.spend_per_month_micros = rows.Integer(i, 5);
    limits.reserve_micros = rows.Integer(i, 6);
    limits.currency = rows.String(i, 7);
  }
  return keys;
}

absl::Status LookAtSpending(Transaction& tx, const KeyLimits& limits) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute("WITH clock AS (SELECT at, date_trunc('day', at) AS day, date_trunc('month', at) AS month "
                 "FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS at) c), "
                 "used AS (SELECT day::timestamp AS at, spent_micros AS micros FROM api_key_spending "
                 "WHERE api_key_id = $1 AND currency = $2 AND day >= (SELECT month::date FROM clock) "
                 "UNION ALL SELECT placed_at AT TIME ZONE 'UTC', reserve_micros FROM api_key_open_calls "
                 "WHERE api_key_id = $1 AND currency = $2 "
                 "AND placed_at >= (SELECT month AT TIME ZONE 'UTC' FROM clock)) "
                 "SELECT coalesce(sum(used.micros) FILTER (WHERE used.at >= clock.day), 0)::bigint, "
                 "coalesce(sum(used.micros), 0)::bigint, "
                 "ceil(extract(epoch FROM clock.day + interval '1 day' - clock.at))::bigint, "
                 "ceil(extract(epoch FROM clock.month + interval '1 month' - clock.at))::bigint "
                 "FROM clock LEFT JOIN used ON true GROUP BY clock.at, clock.day, clock.month",
                 {limits.api_key_id, limits.currency}));
  TL_RETURN_IF_ERROR(CheckCap(limits, {.name = "spend_per_month",
                                       .most = limits.spend_per_month_micros,
                                       .used = rows.Integer(0, 1),
                                       .until_next = absl::Seconds(rows.Integer(0, 3))}));
  return CheckCap(limits, {.name = "spend_per_day",
                           .most = limits.spend_per_day_micros,
                           .used = rows.Integer(0, 0),
                           .until_next = absl::Seconds(rows.Integer(0, 2))});
}

absl::Status TakeFromKey(Transaction& tx, std::string_view business_id, const KeyLimits& limits,
                         std::string_view call_id) {
  TL_ASSIGN_OR_RETURN(const std::optional<RateRefusal> refusal,
                      TakeRate(tx, limits.api_key_id, business_id, limits.rates));
  if (refusal.has_value()) {
    return QuotaExceeded(Reason::REASON_RATE_LIMITED,
                         {.subject_kind = std::string(kKind),
                          .subject = limits.api_key_id,
                          .limit = refusal->limit.name,
                          .most = Concat(refusal->limit.most)},
                         refusal->wait);
  }
  return limits.CapsSpending() ? TakeSpending(tx, business_id, limits, call_id) : absl::OkStatus();
}

absl::StatusOr<bool> SpendingSettler::Settle(absl::Time now) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            "WITH ended AS (SELECT o.call_id, CASE WHEN h.cost_currency = o.currency THEN h.cost_micros "
            "WHEN h.cost_micros IS NULL AND h.answered_at IS NULL THEN 0 ELSE o.reserve_micros END AS micros "
            "FROM api_key_open_calls o JOIN call_history h USING (call_id) "
            "WHERE h.cost_micros IS NOT NULL OR h.answered_at IS NULL OR h.ended_at < $1 LIMIT $2), "
            // Of two that settle the same call, one deletes its row.
            "settled AS (DELETE FROM api_key_open_calls o USING ended e WHERE o.call_id = e.call_id "
            "RETURNING o.api_key_id, o.business_id, o.currency, (o.placed_at AT TIME ZONE 'UTC')::date AS day, "
            "e.micros), "
            "counted AS (INSERT INTO api_key_spending AS s (api_key_id, day, currency, business_id, spent_micros) "
            "SELECT api_key_id, day, currency, business_id, sum(micros) FROM settled GROUP BY 1, 2, 3, 4 "
            "ORDER BY 1, 2, 3 ON CONFLICT (api_key_id, day, currency) "
            "DO UPDATE SET spent_micros = s.spent_micros + excluded.spent_micros) "
            "SELECT count(*) FROM settled",
            {now - kLongestWaitForCost, kSettledAtOnce}));
    return rows.Integer(0, 0) == kSettledAtOnce;
  });
}

}  // namespace trunkline::gateway
