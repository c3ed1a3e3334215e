#include "services/gateway/recordings/recording_store.h"

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using recordings::v1::ListRecordingsRequest;
using recordings::v1::Recording;

std::string Columns() {
  return Concat(
      "r.recording_id, r.call_id, r.provider, r.provider_account_id, r.external_recording_id, r.status_order, "
      "r.duration_milliseconds, r.channels, ",
      postgres::Micros("r.created_at"), ", r.url, d.recording_id IS NOT NULL");
}

constexpr std::string_view kTables = " FROM recordings r LEFT JOIN recording_deletions d USING (recording_id)";

// Of Columns().
RecordingRow RecordingOfRow(const Result& rows, int row) {
  RecordingRow out;
  Recording& recording = out.recording;
  recording.set_recording_id(rows.String(row, 0));
  recording.set_call_id(rows.String(row, 1));
  recording.set_provider(rows.String(row, 2));
  recording.set_provider_account_id(rows.String(row, 3));
  recording.set_external_recording_id(rows.String(row, 4));
  recording.set_status(static_cast<calls::v1::RecordingStatus>(rows.Integer(row, 5)));
  if (!rows.IsNull(row, 6)) {
    *recording.mutable_duration() = telephony::ToProto(absl::Milliseconds(rows.Integer(row, 6)));
  }
  recording.set_channels(static_cast<int>(rows.Integer(row, 7)));
  *recording.mutable_create_time() = telephony::ToProto(*rows.Time(row, 8));
  out.url = rows.String(row, 9);
  out.is_deleted = rows.Boolean(row, 10);
  return out;
}

}  // namespace

absl::StatusOr<std::optional<RecordingRow>> RecordingStore::Find(std::string_view business_id,
                                                                 std::string_view recording_id) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<std::optional<RecordingRow>> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT ", Columns(), kTables, " WHERE r.recording_id = $1"), {recording_id}));
    if (rows.empty()) return std::nullopt;
    return RecordingOfRow(rows, 0);
  });
}

absl::StatusOr<std::vector<Recording>> RecordingStore::List(std::string_view business_id,
                                                            const ListRecordingsRequest& filters,
                                                            const std::optional<PagePosition>& after, int most) {
  std::string sql = Concat("SELECT ", Columns(), kTables, " WHERE d.recording_id IS NULL");
  std::vector<Parameter> parameters;
  const auto add = [&](std::string_view condition, Parameter value, std::string_view type) {
    parameters.push_back(std::move(value));
    sql += Concat(" AND ", condition, " $", parameters.size(), "::", type);
  };
  if (!filters.call_id().empty()) add("r.call_id =", filters.call_id(), "uuid");
  if (filters.has_created_after()) {
    add("r.created_at >=", telephony::FromProto(filters.created_after()), "timestamptz");
  }
  if (filters.has_created_before()) {
    add("r.created_at <", telephony::FromProto(filters.created_before()), "timestamptz");
  }
  if (after.has_value()) {
    parameters.emplace_back(after->time);
    parameters.emplace_back(after->id);
    sql += Concat(" AND (r.created_at, r.recording_id) < ($", parameters.size() - 1, "::timestamptz, $",
                  parameters.size(), "::uuid)");
  }
  sql += Concat(" ORDER BY r.created_at DESC, r.recording_id DESC LIMIT ", most);
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<std::vector<Recording>> {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, parameters));
    std::vector<Recording> found;
    found.reserve(static_cast<size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) found.push_back(RecordingOfRow(rows, i).recording);
    return found;
  });
}

absl::Status RecordingStore::Delete(const RecordingDeletion& deletion) {
  const Recording& recording = deletion.recording;
  return pool_.InBusiness(deletion.business_id, [&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const Result written,
                        tx.Execute("INSERT INTO recording_deletions (recording_id, business_id, deleted_at) "
                                   "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                                   {recording.recording_id(), deletion.business_id, deletion.at}));
    if (written.affected() == 0) return absl::OkStatus();
    return tx
        .Execute(
            "INSERT INTO audit_log (business_id, actor, action, subject, detail) VALUES ($1, $2, "
            "'recording.delete', $3, jsonb_build_object('call_id', $4::text, 'provider_account_id', $5::text, "
            "'external_recording_id', $6::text))",
            {deletion.business_id, deletion.actor, recording.recording_id(), recording.call_id(),
             recording.provider_account_id(), recording.external_recording_id()})
        .status();
  });
}

}  // namespace trunkline::gateway
