#include "services/campaign-scheduler/contacts/contact_import.h"

#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/rules/settings_checks.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::ImportHead;

absl::Status CheckHead(const ImportHead& head) {
  FieldChecks checks;
  checks.RequireUuid(head.import_id(), "head.import_id");
  checks.RequireUuid(head.campaign_id(), "head.campaign_id");
  checks.Require(campaigns::v1::FileFormat_IsValid(head.format()), "head.format", "must be CSV or JSON lines");
  checks.Require(campaigns::v1::DuplicatePolicy_IsValid(head.duplicates()), "head.duplicates",
                 "must be skip, update or reject");
  checks.Require(head.offset() >= 0, "head.offset", "must not be negative");
  if (!head.default_region().empty()) {
    const std::string problem = RegionProblem(head.default_region());
    checks.Require(problem.empty(), "head.default_region", problem);
  }
  return checks.Finish();
}

absl::Status OffsetMismatch(const campaigns::v1::ContactImport& import, int64_t offset) {
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_IMPORT_OFFSET_MISMATCH,
               Concat("the import goes on at byte ", import.next_offset(), " of its file, not at ", offset),
               {{"import_id", import.import_id()}, {"next_offset", Concat(import.next_offset())}});
}

}  // namespace

absl::StatusOr<ContactImport> ContactImport::Begin(ImportStore& store, std::string_view business_id, ImportHead head,
                                                   Options options) {
  TL_RETURN_IF_ERROR(CheckHead(head));
  if (head.format() == campaigns::v1::FILE_FORMAT_UNSPECIFIED) head.set_format(campaigns::v1::FILE_FORMAT_CSV);
  if (head.duplicates() == campaigns::v1::DUPLICATE_POLICY_UNSPECIFIED) {
    head.set_duplicates(campaigns::v1::DUPLICATE_POLICY_SKIP);
  }
  const int64_t offset = head.offset();
  head.clear_offset();
  TL_ASSIGN_OR_RETURN(ImportRecord record, store.Begin(business_id, head));
  ContactImport import(store, std::move(record), options);
  if (!import.is_complete() && offset != import.record_.next.offset) return OffsetMismatch(import.state(), offset);
  if (head.format() == campaigns::v1::FILE_FORMAT_JSON_LINES) {
    import.rows_ = ContactRowReader::ForJsonLines(import.record_.head.default_region());
  } else if (!import.header_.empty()) {
    TL_ASSIGN_OR_RETURN(import.rows_, ContactRowReader::ForCsv(import.header_, import.record_.head.default_region()));
  }
  return import;
}

ContactImport::ContactImport(ImportStore& store, ImportRecord record, Options options)
    : store_(&store),
      record_(std::move(record)),
      options_(options),
      reader_(record_.head.format(), record_.next),
      header_(record_.header),
      batch_{.next = record_.next} {}

absl::Status ContactImport::Append(std::string_view bytes) {
  if (is_complete()) return absl::OkStatus();
  reader_.Append(bytes);
  return TakeRecords();
}

absl::Status ContactImport::End() {
  if (is_complete()) return absl::OkStatus();
  reader_.End();
  TL_RETURN_IF_ERROR(TakeRecords());
  if (!rows_.has_value()) {
    return InvalidFields(
        {{.field = "data", .description = "the file is empty: a header with a column 'number' is needed"}});
  }
  return Commit(/*complete=*/true);
}

absl::Status ContactImport::Flush() {
  if (is_complete() || batch_.next.offset == record_.next.offset) return absl::OkStatus();
  return Commit(/*complete=*/false);
}

absl::Status ContactImport::TakeRecords() {
  while (const std::optional<Record> record = reader_.Next()) {
    TL_RETURN_IF_ERROR(Take(*record));
    if (batch_.rows.size() + static_cast<size_t>(batch_.wrong_rows) >= options_.batch_rows ||
        batch_.bytes >= options_.batch_bytes) {
      TL_RETURN_IF_ERROR(Commit(/*complete=*/false));
    }
  }
  return absl::OkStatus();
}

absl::Status ContactImport::Take(const Record& record) {
  batch_.bytes += static_cast<size_t>(record.next.offset - batch_.next.offset);
  batch_.next = record.next;
  if (record.IsBlank()) return absl::OkStatus();
  if (!rows_.has_value()) {
    if (!record.problem.empty()) {
      return InvalidFields({{.field = "data", .description = Concat("the header: ", record.problem)}});
    }
    TL_ASSIGN_OR_RETURN(rows_, ContactRowReader::ForCsv(record.fields, record_.head.default_region()));
    header_ = record.fields;
    return absl::OkStatus();
  }
  ContactRow row;
  bool is_contact = false;
  if (record.problem.empty()) {
    is_contact = rows_->Read(record, &row, &batch_.problems);
  } else {
    batch_.problems.push_back({.line = record.line, .column = "", .message = record.problem});
  }
  is_contact ? batch_.rows.push_back(std::move(row)) : void(++batch_.wrong_rows);
  return absl::OkStatus();
}

absl::Status ContactImport::Commit(bool complete) {
  TL_RETURN_IF_ERROR(store_->Commit(batch_, header_, complete, &record_));
  batch_ = ImportBatch{.next = record_.next};
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
