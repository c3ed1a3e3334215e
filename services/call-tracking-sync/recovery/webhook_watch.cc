#include "services/call-tracking-sync/recovery/webhook_watch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"
#include "services/call-tracking-sync/recovery/told_by_webhook.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Result;
using postgres::Transaction;
namespace v1 = tracking::v1;

absl::StatusOr<std::vector<EndedCall>> ReadEnded(Transaction& tx, const std::string& account_id, absl::Time from,
                                                 absl::Time to) {
  // What a webhook told and is still to be read was told.
  static const std::string sql = Concat(
      "SELECT ", Micros("r.ended_at"), ", ", ToldByWebhook("r"),
      " OR EXISTS (SELECT FROM tracking_fetches f WHERE f.provider_account_id = $1 AND f.external_id = r.external_id "
      "AND f.notified_at IS NOT NULL) FROM tracked_records r WHERE r.provider_account_id = $1 AND r.ended_at >= $2 AND "
      "r.ended_at < $3 ORDER BY r.ended_at");
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {account_id, from, to}));
  std::vector<EndedCall> calls;
  calls.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    calls.push_back({.ended_at = rows.Time(i, 0).value_or(from), .was_told = rows.Boolean(i, 1)});
  }
  return calls;
}

// Whether webhooks are to be expected: they were entered at the platform before, or came not long before.
absl::StatusOr<bool> GetsWebhooks(Transaction& tx, const std::string& account_id, absl::Time from, absl::Time before) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(
          "SELECT EXISTS (SELECT FROM tracking_webhooks WHERE provider_account_id = $1 AND external_id <> '' AND "
          "registered_at < $3) OR EXISTS (SELECT FROM tracked_records WHERE provider_account_id = $1 AND "
          "ended_at >= $2 AND ended_at < $3 AND webhook_at IS NOT NULL)",
          {account_id, from, before}));
  return rows.Boolean(0, 0);
}

absl::Status BeginRecovery(Transaction& tx, const tracking::Account& account, const RecoveryRange& range) {
  const std::string id = UuidOfName(
      "tracking.recovery", Concat(account.id, "/", absl::ToUnixMicros(range.from), "/", absl::ToUnixMicros(range.to)));
  return tx
      .Execute(
          "INSERT INTO sync_runs (run_id, business_id, provider_account_id, kind, range_from, range_to, requested_by, "
          "request_id) VALUES ($1, $2, $3, 'recovery', $4::timestamptz, $5::timestamptz, 'call-tracking-sync', $1) ON "
          "CONFLICT DO NOTHING",
          {id, account.business_id, account.id, range.from, range.to})
      .status();
}

}  // namespace

absl::StatusOr<bool> WebhookWatch::WorkOn(const AccountAtWork& work) {
  TL_ASSIGN_OR_RETURN(const bool looked, LookAtHour(work));
  if (looked) return true;
  return AskForEvidence(work);
}

absl::StatusOr<bool> WebhookWatch::LookAtHour(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  std::optional<WebhookHour> hour;
  const absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    hour.reset();
    static const std::string sql = Concat("SELECT ", Micros("coalesce(webhooks_checked_until, known_since)"), ", ",
                                          Micros("watermark"), " FROM sync_status WHERE provider_account_id = $1");
    TL_ASSIGN_OR_RETURN(const Result status, tx.Execute(sql, {work.account.id}));
    if (status.empty()) return absl::OkStatus();
    const absl::Time from = std::max(status.Time(0, 0).value_or(now), now - options_.look_back);
    const absl::Time to = from + options_.at_once;
    const absl::Time known_until = std::min(now, status.Time(0, 1).value_or(absl::InfinitePast()));
    if (to > known_until - options_.grace) return absl::OkStatus();
    TL_RETURN_IF_ERROR(work.fence(tx));
    WebhookHour told;
    TL_ASSIGN_OR_RETURN(const bool gets_webhooks, GetsWebhooks(tx, work.account.id, from - options_.active, from));
    if (gets_webhooks) {
      TL_ASSIGN_OR_RETURN(const std::vector<EndedCall> calls, ReadEnded(tx, work.account.id, from, to));
      told.expected = static_cast<int64_t>(calls.size());
      told.missed = std::count_if(calls.begin(), calls.end(), [](const EndedCall& call) { return !call.was_told; });
      for (const RecoveryRange& range : RangesToRecover(calls, from, to, options_.rules)) {
        TL_RETURN_IF_ERROR(BeginRecovery(tx, work.account, range));
        ++told.recoveries;
      }
    }
    TL_RETURN_IF_ERROR(
        tx.Execute("UPDATE sync_status SET webhooks_checked_until = $2::timestamptz, webhooks_expected = "
                   "webhooks_expected + $3, webhooks_missed = webhooks_missed + $4 WHERE provider_account_id = $1",
                   {work.account.id, to, told.expected, told.missed})
            .status());
    hour = told;
    return absl::OkStatus();
  });
  TL_RETURN_IF_ERROR(committed);
  if (!hour.has_value()) return false;
  if (hour->recoveries > 0) {
    LogWarning("webhooks were missed; the calls of that time are read again",
               {{"provider_account_id", work.account.id}, {"calls", hour->expected}, {"missed", hour->missed}});
  }
  on_hour_(work.platform.Name(), *hour);
  return true;
}

absl::StatusOr<bool> WebhookWatch::AskForEvidence(const AccountAtWork& work) {
  if (!work.platform.Features(work.account).contains(v1::FEATURE_WEBHOOK_DELIVERIES)) return false;
  struct Missing {
    std::string run_id;
    std::string external_id;  // empty: there is no other
    std::optional<absl::Time> started_at;
  };
  const absl::Time now = InMicros(clock_.Now());
  TL_ASSIGN_OR_RETURN(const std::optional<Missing> missing, pool_.InTransaction([&](Transaction& tx)
                                                                                    -> absl::StatusOr<
                                                                                        std::optional<Missing>> {
    static const std::string sql = Concat(
        "SELECT s.run_id, coalesce(m.external_id, ''), ", Micros("m.started_at"),
        " FROM sync_runs s LEFT JOIN LATERAL (SELECT r.external_id, r.started_at FROM tracked_records r WHERE "
        "r.provider_account_id = $1 AND r.started_at >= greatest(s.range_from, s.evidence_from) AND r.started_at < "
        "s.range_to AND (r.started_at, r.external_id) > (s.evidence_from, s.evidence_after) AND r.ended_at IS NOT "
        "NULL AND NOT ",
        ToldByWebhook("r"),
        " ORDER BY r.started_at, r.external_id LIMIT 1) AS m ON s.evidence_asked < $3 WHERE s.provider_account_id = "
        "$1 AND s.kind = 'recovery' AND s.state = 'done' AND NOT s.evidence_is_complete AND s.evidence_due_at <= "
        "$2::timestamptz ORDER BY s.finished_at LIMIT 1");
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {work.account.id, now, options_.most_evidence}));
    if (rows.empty()) return std::nullopt;
    return Missing{.run_id = rows.String(0, 0), .external_id = rows.String(0, 1), .started_at = rows.Time(0, 2)};
  }));
  if (!missing.has_value()) return false;

  const auto update = [&](std::string_view assignments, std::vector<postgres::Parameter> parameters) {
    parameters.insert(parameters.begin(), missing->run_id);
    return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
      TL_RETURN_IF_ERROR(work.fence(tx));
      return tx.Execute(Concat("UPDATE sync_runs SET ", assignments, " WHERE run_id = $1"), parameters).status();
    });
  };
  if (missing->external_id.empty()) {
    TL_RETURN_IF_ERROR(update("evidence_is_complete = true", {}));
    return true;
  }
  const auto deliveries = work.platform.Client().ListDeliveries(work.account, missing->external_id);
  const std::optional<v1::TrackingError> error = tracking::TrackingErrorOf(deliveries.status());
  if (!deliveries.ok() && (!error.has_value() || error->retryable())) {
    const absl::Duration wait = RetryAfterOf(deliveries.status()).value_or(options_.grace);
    TL_RETURN_IF_ERROR(update("evidence_due_at = $2::timestamptz", {now + wait}));
    return true;
  }
  // Of a call that the platform tells nothing about it delivered nothing.
  const bool was_delivered = deliveries.ok() && std::any_of(deliveries->value.begin(), deliveries->value.end(),
                                                            [](const auto& sent) { return sent.delivered; });
  TL_RETURN_IF_ERROR(
      update(Concat("evidence_after = $2, evidence_from = $3::timestamptz, evidence_asked = ",
                    "evidence_asked + 1, delivered_not_processed = delivered_not_processed + $4::bigint"),
             {missing->external_id, missing->started_at, was_delivered ? 1 : 0}));
  return true;
}

}  // namespace trunkline::tracking_sync
