#include "services/call-tracking-sync/sync_api/sync_queries.h"

#include <map>
#include <string>

#include "absl/time/clock.h"
#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/call-tracking-sync/store/checkpoint_rows.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Result;
using postgres::Transaction;
namespace v1 = tracking::v1;

constexpr size_t kLongestReason = 500;

absl::Status NoAccount(std::string_view id) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND,
               Concat("no call-tracking account ", id, " is synchronized"), {{"provider_account_id", std::string(id)}});
}

void SetTime(const std::optional<absl::Time>& time, google::protobuf::Timestamp* (v1::PassStatus::*field)(),
             v1::PassStatus* pass) {
  if (time.has_value()) *(pass->*field)() = telephony::ToProto(*time);
}

void AddPass(const std::string& name, const Checkpoint& checkpoint, v1::SyncStatus* status) {
  v1::PassStatus* pass = status->add_passes();
  pass->set_name(name);
  SetTime(checkpoint.watermark, &v1::PassStatus::mutable_watermark, pass);
  if (checkpoint.run.has_value()) SetTime(checkpoint.run->started_at, &v1::PassStatus::mutable_run_started_at, pass);
  SetTime(checkpoint.finished_at, &v1::PassStatus::mutable_finished_at, pass);
  const Counters& counters = checkpoint.counters;
  v1::SyncCounts* counts = pass->mutable_counts();
  counts->set_pages(counters.pages);
  counts->set_seen(counters.seen);
  counts->set_inserted(counters.inserted);
  counts->set_updated(counters.updated);
  counts->set_unchanged(counters.unchanged);
  counts->set_failed(counters.failed);
}

v1::SyncStatus StatusOf(const Result& rows, int i) {
  v1::SyncStatus status;
  status.set_provider_account_id(rows.String(i, 0));
  status.set_provider(rows.String(i, 1));
  status.set_enabled(rows.Boolean(i, 2));
  status.set_paused(!rows.IsNull(i, 3));
  status.set_paused_by(rows.String(i, 3));
  status.set_pause_reason(rows.String(i, 4));
  if (const auto watermark = rows.Time(i, 5); watermark.has_value()) {
    *status.mutable_watermark() = telephony::ToProto(*watermark);
    *status.mutable_lag() = telephony::ToProto(absl::Now() - *watermark);
  }
  if (const auto at = rows.Time(i, 6); at.has_value()) {
    *status.mutable_last_successful_sync_at() = telephony::ToProto(*at);
  }
  status.set_last_error(rows.String(i, 7));
  if (const auto at = rows.Time(i, 8); at.has_value()) *status.mutable_last_error_at() = telephony::ToProto(*at);
  if (!rows.IsNull(i, 9)) {
    *status.mutable_clock_offset() = telephony::ToProto(absl::Microseconds(rows.Integer(i, 9)));
  }
  status.set_order_violated(rows.Boolean(i, 10));
  status.set_fetches_waiting(rows.Integer(i, 11));
  status.set_failures(rows.Integer(i, 12));
  if (const auto until = rows.Time(i, 13); until.has_value()) {
    *status.mutable_webhooks_checked_until() = telephony::ToProto(*until);
  }
  status.set_webhooks_expected(rows.Integer(i, 14));
  status.set_webhooks_missed(rows.Integer(i, 15));
  status.set_recoveries(rows.Integer(i, 16));
  return status;
}

}  // namespace

absl::StatusOr<v1::ListSyncStatusResponse> SyncQueries::List(std::string_view business_id,
                                                             const v1::ListSyncStatusRequest& request) {
  FieldChecks checks;
  const std::string& only = request.provider_account_id();
  if (!only.empty()) checks.RequireUuid(only, "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<v1::ListSyncStatusResponse> {
    static const std::string sql = Concat(
        "SELECT provider_account_id, provider, is_wanted, paused_by, coalesce(pause_reason, ''), ", Micros("watermark"),
        ", ", Micros("last_successful_sync_at"), ", coalesce(last_error, ''), ", Micros("last_error_at"),
        ", (extract(epoch FROM clock_offset) * 1000000)::bigint, order_violated_at IS NOT NULL, (SELECT count(*) FROM "
        "tracking_fetches f WHERE f.provider_account_id = s.provider_account_id), (SELECT count(*) FROM sync_failures "
        "f "
        "WHERE f.provider_account_id = s.provider_account_id AND f.resolved_at IS NULL), ",
        Micros("webhooks_checked_until"),
        ", webhooks_expected, webhooks_missed, (SELECT count(*) FROM sync_runs r WHERE r.provider_account_id = "
        "s.provider_account_id AND r.kind = 'recovery' AND r.state IN ('queued', 'running')) FROM sync_status s WHERE "
        "$1 = "
        "'' OR provider_account_id = nullif($1, '')::uuid ORDER BY provider_account_id");
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {only}));
    if (rows.empty() && !only.empty()) return NoAccount(only);
    v1::ListSyncStatusResponse response;
    for (int i = 0; i < rows.size(); ++i) {
      v1::SyncStatus status = StatusOf(rows, i);
      TL_ASSIGN_OR_RETURN(const auto checkpoints, ReadCheckpoints(tx, status.provider_account_id()));
      for (const auto& [name, checkpoint] : checkpoints) {
        if (name.find(':') == std::string::npos) AddPass(name, checkpoint, &status);
      }
      *response.add_accounts() = std::move(status);
    }
    return response;
  });
}

absl::Status SyncQueries::Pause(const rpc::Caller& caller, const v1::PauseSyncRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  checks.RequireText(request.reason(), kLongestReason, "reason");
  TL_RETURN_IF_ERROR(checks.Finish());
  TL_ASSIGN_OR_RETURN(const Result paused,
                      pool_.ExecuteInBusiness(caller.business_id,
                                              "UPDATE sync_status SET paused_by = $2, pause_reason = $3, paused_at = "
                                              "coalesce(paused_at, now()) WHERE provider_account_id = $1",
                                              {request.provider_account_id(), caller.actor, request.reason()}));
  return paused.affected() == 0 ? NoAccount(request.provider_account_id()) : absl::OkStatus();
}

absl::Status SyncQueries::Resume(const rpc::Caller& caller, const v1::ResumeSyncRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  TL_ASSIGN_OR_RETURN(
      const Result resumed,
      pool_.ExecuteInBusiness(caller.business_id,
                              "UPDATE sync_status SET paused_by = NULL, pause_reason = NULL, paused_at = "
                              "NULL, order_violated_at = NULL WHERE provider_account_id = $1",
                              {request.provider_account_id()}));
  return resumed.affected() == 0 ? NoAccount(request.provider_account_id()) : absl::OkStatus();
}

}  // namespace trunkline::tracking_sync
