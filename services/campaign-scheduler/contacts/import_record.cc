#include "services/campaign-scheduler/contacts/import_record.h"

#include <string>

#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {

using postgres::Micros;
using postgres::Result;

absl::StatusOr<std::optional<ImportRecord>> FindImport(postgres::Transaction& tx, std::string_view import_id) {
  if (!IsUuid(import_id)) {
    return InvalidFields({{.field = "import_id", .description = "must be a UUID in lower case"}});
  }
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT business_id, head, header, next_offset, next_line, campaign_id, state, rows, added, ",
                        "updated, duplicates, errors, ", Micros("created_at"), ", ", Micros("updated_at"),
                        " FROM contact_imports WHERE import_id = $1"),
                 {import_id}));
  if (rows.empty()) return std::nullopt;
  ImportRecord record;
  record.business_id = rows.String(0, 0);
  if (!record.head.ParseFromString(rows.Bytes(0, 1))) return absl::DataLossError("an import's head cannot be read");
  if (!rows.Text(0, 2).empty()) {
    const nlohmann::json header = ParseJson(rows.Text(0, 2));
    if (!header.is_array()) return absl::DataLossError("an import's header cannot be read");
    for (const nlohmann::json& name : header) record.header.push_back(name.is_string() ? name.get<std::string>() : "");
  }
  record.next = {.offset = rows.Integer(0, 3), .line = rows.Integer(0, 4)};
  campaigns::v1::ContactImport& shown = record.shown;
  shown.set_import_id(std::string(import_id));
  shown.set_campaign_id(rows.String(0, 5));
  shown.set_state(static_cast<campaigns::v1::ImportState>(rows.Integer(0, 6)));
  shown.set_next_offset(record.next.offset);
  shown.set_rows(rows.Integer(0, 7));
  shown.set_added(rows.Integer(0, 8));
  shown.set_updated(rows.Integer(0, 9));
  shown.set_duplicates(rows.Integer(0, 10));
  shown.set_errors(rows.Integer(0, 11));
  *shown.mutable_created_at() = telephony::ToProto(*rows.Time(0, 12));
  *shown.mutable_updated_at() = telephony::ToProto(*rows.Time(0, 13));
  return record;
}

absl::Status NoSuchImport(std::string_view import_id) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_IMPORT_NOT_FOUND,
               Concat("the business has no import ", import_id), {{"import_id", std::string(import_id)}});
}

}  // namespace trunkline::scheduler
