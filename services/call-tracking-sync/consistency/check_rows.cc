#include "services/call-tracking-sync/consistency/check_rows.h"

#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::v1::Check;

constexpr std::string_view kNilId = "00000000-0000-0000-0000-000000000000";

// Counts and sums, which have no columns of their own.
std::string ProgressOf(const Check& check) {
  Check progress;
  progress.set_checked(check.checked());
  progress.set_skipped(check.skipped());
  progress.set_missing(check.missing());
  progress.set_extra(check.extra());
  progress.set_different(check.different());
  progress.set_contradictions(check.contradictions());
  progress.set_unreadable(check.unreadable());
  progress.set_repaired(check.repaired());
  *progress.mutable_fields() = check.fields();
  *progress.mutable_totals() = check.totals();
  return progress.SerializeAsString();
}

absl::Status AddRecords(const Result& rows, CallRecords* records) {
  for (int i = 0; i < rows.size(); ++i) {
    calls::v1::CallState state;
    if (!state.ParseFromString(rows.Bytes(i, 1))) return absl::DataLossError("the state of a call cannot be read");
    (*records)[rows.String(i, 0)] = telephony::Project(state);
  }
  return absl::OkStatus();
}

}  // namespace

std::string CheckColumns() {
  return Concat("check_id, provider_account_id, platform, subject, ", Micros("range_from"), ", ", Micros("range_to"),
                ", repair, trigger, state, ", Micros("window_from"), ", ", Micros("window_to"),
                ", position_kind, position_value, is_at_extras, tries, progress, error, ", Micros("created_at"), ", ",
                Micros("ended_at"));
}

CheckRow CheckOfRow(const Result& rows, int row) {
  CheckRow read;
  Check& check = read.check;
  check.ParseFromString(rows.Bytes(row, 15));
  check.set_check_id(rows.String(row, 0));
  check.set_provider_account_id(rows.String(row, 1));
  check.set_platform(rows.String(row, 2));
  check.set_subject(static_cast<tracking::v1::CheckSubject>(rows.Integer(row, 3)));
  *check.mutable_range_start() = telephony::ToProto(*rows.Time(row, 4));
  *check.mutable_range_end() = telephony::ToProto(*rows.Time(row, 5));
  check.set_repair(static_cast<tracking::v1::RepairPolicy>(rows.Integer(row, 6)));
  check.set_trigger(static_cast<tracking::v1::CheckTrigger>(rows.Integer(row, 7)));
  check.set_state(static_cast<tracking::v1::CheckState>(rows.Integer(row, 8)));
  read.window_from = *rows.Time(row, 9);
  read.window_to = *rows.Time(row, 10);
  if (!rows.IsNull(row, 11)) read.position = {.kind = rows.String(row, 11), .value = rows.String(row, 12)};
  read.is_at_extras = rows.Boolean(row, 13);
  read.tries = static_cast<int>(rows.Integer(row, 14));
  check.set_error(rows.String(row, 16));
  *check.mutable_checked_until() = telephony::ToProto(read.window_from);
  *check.mutable_created_at() = telephony::ToProto(*rows.Time(row, 17));
  if (const auto ended_at = rows.Time(row, 18)) *check.mutable_ended_at() = telephony::ToProto(*ended_at);
  return read;
}

absl::StatusOr<Check> ReadCheck(Transaction& tx, std::string_view business_id, std::string_view check_id) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", CheckColumns(), " FROM consistency_checks WHERE check_id = $1 AND ",
                                        "business_id = $2"),
                                 {check_id, business_id}));
  if (rows.empty()) {
    return Error(absl::StatusCode::kNotFound, Reason::REASON_CHECK_NOT_FOUND, Concat("no check ", check_id),
                 {{"check_id", std::string(check_id)}});
  }
  return CheckOfRow(rows, 0).check;
}

absl::Status InsertCheck(Transaction& tx, const NewCheck& wanted, absl::Time now) {
  const Check& check = wanted.check;
  const absl::Time from = telephony::FromProto(check.range_start());
  const absl::Time to = telephony::FromProto(check.range_end());
  return tx
      .Execute(
          "INSERT INTO consistency_checks (check_id, business_id, provider_account_id, platform, subject, range_from, "
          "range_to, repair, trigger, request_id, actor, window_from, window_to, due_at, created_at) VALUES ($1, $2, "
          "$3, "
          "$4, $5, $6, $7, $8, $9, $10, $11, $6, least($7::timestamptz, $6::timestamptz + interval '1 day'), $12, $12) "
          "ON CONFLICT (business_id, request_id) DO NOTHING",
          {check.check_id(), wanted.business_id, check.provider_account_id(), check.platform(),
           static_cast<int>(check.subject()), from, to, static_cast<int>(check.repair()),
           static_cast<int>(check.trigger()), wanted.request_id, wanted.actor, now})
      .status();
}

absl::Status UpdateCheck(Transaction& tx, const CheckRow& row, absl::Time due_at, absl::Time now) {
  const bool has_ended = row.check.state() != tracking::v1::CHECK_STATE_RUNNING;
  // One that somebody ended meanwhile stays ended.
  return tx
      .Execute(
          "UPDATE consistency_checks SET state = $2, window_from = $3, window_to = $4, position_kind = $5, "
          "position_value = $6, is_at_extras = $7, tries = $8, progress = $9, error = $10, due_at = $11, ended_at = "
          "$12 "
          "WHERE check_id = $1 AND state IN (1, 2)",
          {row.check.check_id(), static_cast<int>(row.check.state()), row.window_from, row.window_to,
           row.position.has_value() ? std::optional(row.position->kind) : std::nullopt,
           row.position.has_value() ? std::optional(row.position->value) : std::nullopt, row.is_at_extras, row.tries,
           Parameter::Bytes(ProgressOf(row.check)), row.check.error(), due_at,
           has_ended ? std::optional(now) : std::nullopt})
      .status();
}

absl::Status PutFinding(Transaction& tx, std::string_view check_id, std::string_view business_id,
                        const tracking::v1::Finding& finding) {
  return tx
      .Execute(
          "INSERT INTO consistency_findings (check_id, external_call_id, kind, business_id, finding) VALUES ($1, "
          "$2, $3, $4, $5) ON CONFLICT (check_id, external_call_id, kind) DO UPDATE SET finding = excluded.finding",
          {check_id, finding.external_call_id(), static_cast<int>(finding.kind()), business_id,
           Parameter::Bytes(finding.SerializeAsString())})
      .status();
}

absl::StatusOr<CallRecords> ReadCalls(Transaction& tx, const std::vector<std::string>& call_ids) {
  CallRecords records;
  if (call_ids.empty()) return records;
  std::vector<UuidNumber> ids;
  ids.reserve(call_ids.size());
  for (const std::string& call_id : call_ids) ids.push_back(NumberOfUuid(call_id));
  // A call that moves from one table to the other is in exactly one of them, in one statement's snapshot.
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT call_id, state FROM call_queue WHERE call_id = ANY ($1::uuid[]) UNION ALL "
                                 "SELECT call_id, state FROM call_history WHERE call_id = ANY ($1::uuid[])",
                                 {Parameter::Uuids(ids)}));
  TL_RETURN_IF_ERROR(AddRecords(rows, &records));
  return records;
}

absl::StatusOr<CallRecords> ReadUnlisted(Transaction& tx, const CheckRow& row, std::string_view business_id,
                                         std::string_view after, int most) {
  const auto part = [](std::string_view table) {
    return Concat("SELECT call_id, state FROM ", table,
                  " c WHERE business_id = $1 AND started_at >= $2::timestamptz AND started_at < $3::timestamptz AND ",
                  "provider_account_id = $4 AND call_id > $5 AND NOT EXISTS (SELECT FROM consistency_listed l WHERE ",
                  "l.check_id = $6 AND l.call_id = c.call_id)");
  };
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat(part("call_queue"), " UNION ALL ", part("call_history"), " ORDER BY call_id LIMIT ", most),
                 {business_id, row.window_from, row.window_to, row.check.provider_account_id(),
                  after.empty() ? kNilId : after, row.check.check_id()}));
  CallRecords records;
  TL_RETURN_IF_ERROR(AddRecords(rows, &records));
  return records;
}

absl::StatusOr<CallRecords> ReadMapped(Transaction& tx, const CheckRow& row, std::string_view after, int most) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(
          Concat("SELECT call_id, state FROM shadow_calls WHERE provider_account_id = $1 AND started_at >= ",
                 "$2::timestamptz AND started_at < $3::timestamptz AND call_id > $4 ORDER BY call_id LIMIT ", most),
          {row.check.provider_account_id(), row.window_from, row.window_to, after.empty() ? kNilId : after}));
  CallRecords records;
  TL_RETURN_IF_ERROR(AddRecords(rows, &records));
  return records;
}

}  // namespace trunkline::tracking_sync
