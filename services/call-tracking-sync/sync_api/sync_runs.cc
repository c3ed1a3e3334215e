#include "services/call-tracking-sync/sync_api/sync_runs.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "libs/base/clock.h"
#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Result;
using postgres::Transaction;
namespace v1 = tracking::v1;

constexpr int kMostListed = 100;

v1::SyncRunState StateOf(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, v1::SyncRunState>, 6> kStates = {
      {{"queued", v1::SYNC_RUN_STATE_QUEUED},
       {"running", v1::SYNC_RUN_STATE_RUNNING},
       {"paused", v1::SYNC_RUN_STATE_PAUSED},
       {"done", v1::SYNC_RUN_STATE_DONE},
       {"failed", v1::SYNC_RUN_STATE_FAILED},
       {"canceled", v1::SYNC_RUN_STATE_CANCELED}}};
  for (const auto& [name, state] : kStates) {
    if (name == word) return state;
  }
  return v1::SYNC_RUN_STATE_UNSPECIFIED;
}

std::string RunsWhere(std::string_view condition) {
  return Concat(
      "SELECT r.run_id, r.provider_account_id, r.kind, ", Micros("r.range_from"), ", ", Micros("r.range_to"),
      ", r.state, r.requested_by, ", Micros("r.created_at"), ", ", Micros("r.finished_at"), ", ",
      Micros("c.window_from"),
      ", c.pages, c.seen, c.inserted, c.updated, c.unchanged, c.failed, r.webhook_missing, r.error, r.evidence_asked, "
      "r.delivered_not_processed FROM "
      "sync_runs r LEFT JOIN sync_checkpoints c ON c.provider_account_id = r.provider_account_id AND c.pass = "
      "r.kind || ':' || r.run_id WHERE ",
      condition);
}

v1::SyncRun RunOf(const Result& rows, int i) {
  v1::SyncRun run;
  run.set_run_id(rows.String(i, 0));
  run.set_provider_account_id(rows.String(i, 1));
  run.set_kind(rows.Text(i, 2) == "recovery" ? v1::SYNC_RUN_KIND_RECOVERY : v1::SYNC_RUN_KIND_BACKFILL);
  const absl::Time from = rows.Time(i, 3).value_or(absl::UnixEpoch());
  const absl::Time to = rows.Time(i, 4).value_or(absl::UnixEpoch());
  *run.mutable_range_from() = telephony::ToProto(from);
  *run.mutable_range_to() = telephony::ToProto(to);
  run.set_state(StateOf(rows.Text(i, 5)));
  run.set_requested_by(rows.String(i, 6));
  *run.mutable_created_at() = telephony::ToProto(rows.Time(i, 7).value_or(absl::UnixEpoch()));
  if (const auto at = rows.Time(i, 8); at.has_value()) *run.mutable_finished_at() = telephony::ToProto(*at);
  const bool is_done = run.state() == v1::SYNC_RUN_STATE_DONE;
  const absl::Time until = is_done ? to : std::clamp(rows.Time(i, 9).value_or(from), from, to);
  *run.mutable_read_until() = telephony::ToProto(until);
  run.set_progress(absl::FDivDuration(until - from, to - from));
  v1::SyncCounts* counts = run.mutable_counts();
  counts->set_pages(rows.Integer(i, 10));
  counts->set_seen(rows.Integer(i, 11));
  counts->set_inserted(rows.Integer(i, 12));
  counts->set_updated(rows.Integer(i, 13));
  counts->set_unchanged(rows.Integer(i, 14));
  counts->set_failed(rows.Integer(i, 15));
  run.set_webhook_missing(rows.Integer(i, 16));
  run.set_error(rows.String(i, 17));
  run.set_webhook_evidence(rows.Integer(i, 18));
  run.set_delivered_not_processed(rows.Integer(i, 19));
  return run;
}

absl::StatusOr<v1::SyncRun> ReadRun(Transaction& tx, std::string_view run_id) {
  static const std::string sql = RunsWhere("r.run_id = $1");
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {run_id}));
  if (rows.empty()) return absl::NotFoundError(ToAbsl(Concat("no reading ", run_id)));
  return RunOf(rows, 0);
}

absl::Status CheckStart(const v1::StartSyncRunRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  checks.Require(request.kind() == v1::SYNC_RUN_KIND_BACKFILL || request.kind() == v1::SYNC_RUN_KIND_RECOVERY, "kind",
                 "must be SYNC_RUN_KIND_BACKFILL or SYNC_RUN_KIND_RECOVERY");
  checks.Require(request.has_range_from(), "range_from", "is required");
  checks.Require(
      request.has_range_to() && telephony::FromProto(request.range_to()) > telephony::FromProto(request.range_from()),
      "range_to", "must be later than range_from");
  return checks.Finish();
}

}  // namespace

absl::StatusOr<v1::SyncRun> SyncRuns::Start(const rpc::Caller& caller, const v1::StartSyncRunRequest& request) {
  TL_RETURN_IF_ERROR(CheckStart(request));
  const std::string_view kind = request.kind() == v1::SYNC_RUN_KIND_RECOVERY ? "recovery" : "backfill";
  // Follows from the request, so that asked twice it is the same reading.
  const std::string run_id = UuidOfName("tracking.run", Concat(caller.business_id, "/", request.request_id()));
  const absl::Time from = telephony::FromProto(request.range_from());
  const absl::Time to = telephony::FromProto(request.range_to());
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<v1::SyncRun> {
    TL_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO sync_runs (run_id, business_id, provider_account_id, kind, range_from, "
                   "range_to, requested_by, request_id) SELECT $1::uuid, business_id, provider_account_id, "
                   "$3::text, $4::timestamptz, $5::timestamptz, $6::text, $7::uuid FROM sync_status WHERE "
                   "provider_account_id = $2 ON CONFLICT DO NOTHING",
                   {run_id, request.provider_account_id(), kind, from, to, caller.actor, request.request_id()})
            .status());
    absl::StatusOr<v1::SyncRun> run = ReadRun(tx, run_id);
    if (absl::IsNotFound(run.status())) {
      return Error(absl::StatusCode::kNotFound, Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND,
                   Concat("no call-tracking account ", request.provider_account_id(), " is synchronized"),
                   {{"provider_account_id", request.provider_account_id()}});
    }
    TL_RETURN_IF_ERROR(run.status());
    const bool is_same = run->provider_account_id() == request.provider_account_id() && run->kind() == request.kind() &&
                         telephony::FromProto(run->range_from()) == InMicros(from) &&
                         telephony::FromProto(run->range_to()) == InMicros(to);
    if (is_same) return run;
    return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                 "the request_id was used for another reading");
  });
}

absl::StatusOr<v1::SyncRun> SyncRuns::Get(std::string_view business_id, std::string_view run_id) {
  FieldChecks checks;
  checks.RequireUuid(run_id, "run_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(business_id, [&](Transaction& tx) { return ReadRun(tx, run_id); });
}

absl::StatusOr<v1::ListSyncRunsResponse> SyncRuns::List(std::string_view business_id,
                                                        const v1::ListSyncRunsRequest& request) {
  FieldChecks checks;
  if (!request.provider_account_id().empty()) checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<v1::ListSyncRunsResponse> {
    static const std::string sql = RunsWhere(
        "$1 = '' OR r.provider_account_id = nullif($1, '')::uuid ORDER BY r.created_at DESC, r.run_id LIMIT $2");
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {request.provider_account_id(), kMostListed}));
    v1::ListSyncRunsResponse response;
    for (int i = 0; i < rows.size(); ++i) *response.add_runs() = RunOf(rows, i);
    return response;
  });
}

absl::StatusOr<v1::SyncRun> SyncRuns::Change(const rpc::Caller& caller, const v1::ChangeSyncRunRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.run_id(), "run_id");
  checks.Require(request.action() >= v1::SYNC_RUN_ACTION_PAUSE && request.action() <= v1::SYNC_RUN_ACTION_CANCEL,
                 "action", "must be one of SyncRunAction");
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string_view state = request.action() == v1::SYNC_RUN_ACTION_PAUSE    ? "paused"
                                 : request.action() == v1::SYNC_RUN_ACTION_RESUME ? "queued"
                                                                                  : "canceled";
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<v1::SyncRun> {
    TL_ASSIGN_OR_RETURN(
        const Result changed,
        tx.Execute(
            "UPDATE sync_runs SET state = $2, finished_at = CASE WHEN $2 = 'canceled' THEN now() END WHERE run_id "
            "= $1 AND state IN ('queued', 'running', 'paused')",
            {request.run_id(), state}));
    TL_ASSIGN_OR_RETURN(v1::SyncRun run, ReadRun(tx, request.run_id()));
    if (changed.affected() == 1) return run;
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_ILLEGAL_TRANSITION,
                 "the reading is over already");
  });
}

}  // namespace trunkline::tracking_sync
