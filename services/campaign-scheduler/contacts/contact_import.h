// An import of contacts: a file that comes in pieces, whose rows are committed in batches, each once.
//
//   TL_ASSIGN_OR_RETURN(ContactImport import, imports.Begin(caller, head));
//   while (... bytes) TL_RETURN_IF_ERROR(import.Append(bytes));
//   TL_RETURN_IF_ERROR(import.End());        // or import.Flush() when the stream broke
//   *response.mutable_contact_import() = import.state();
//
// A batch is one transaction: its contacts, the campaign's counters, the errors, and how far the file was read. After a
// crash at any moment the file goes on at `next_offset`, and nothing of it is taken twice or left out. Two streams of
// one import do not mix: the second one to commit finds that the file was read further, and ends with
// IMPORT_OFFSET_MISMATCH.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "services/campaign-scheduler/contacts/contact_row.h"
#include "services/campaign-scheduler/contacts/record_reader.h"
#include "trunkline/campaigns/v1/contact_service.pb.h"

namespace trunkline::scheduler {

// Rows of a file on their way into one transaction.
struct ImportBatch {
  std::vector<ContactRow> rows;
  std::vector<RowProblem> problems;
  int64_t wrong_rows = 0;
  size_t bytes = 0;
  FilePlace next;  // what follows the last of them
};

// The import as it stands after its last commit.
struct ImportRecord {
  std::string business_id;
  campaigns::v1::ImportHead head;
  std::vector<std::string> header;  // of CSV; empty until it was read
  FilePlace next;
  campaigns::v1::ContactImport shown;
};

// How it is stored.
class ImportStore {
 public:
  // Both outlive the object.
  ImportStore(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  // The import of that id, which is begun unless it is there. REQUEST_ID_REUSED when it is one of another head; an
  // import of another business is not there, and its id cannot be used: ALREADY_EXISTS. Refuses campaigns in a final
  // state.
  absl::StatusOr<ImportRecord> Begin(std::string_view business_id, const campaigns::v1::ImportHead& head);
  // Commits the batch and brings the record up to date. IMPORT_OFFSET_MISMATCH when the import is not where the record
  // says: nothing is changed then. `header` is of CSV, once it was read.
  absl::Status Commit(const ImportBatch& batch, const std::vector<std::string>& header, bool complete,
                      ImportRecord* record);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
};

class ContactImport {
 public:
  struct Options {
    size_t batch_rows = 2'000;
    size_t batch_bytes = 1024 * 1024;
  };

  // Checks the head, and finds the import or begins it. INVALID_ARGUMENT; IMPORT_OFFSET_MISMATCH when head.offset is
  // not where it goes on; see ImportStore::Begin. The store outlives the object.
  static absl::StatusOr<ContactImport> Begin(ImportStore& store, std::string_view business_id,
                                             campaigns::v1::ImportHead head, Options options);

  // True when the whole file was taken before: nothing more is needed.
  bool is_complete() const { return record_.shown.state() == campaigns::v1::IMPORT_STATE_COMPLETE; }
  absl::Status Append(std::string_view bytes);
  // The file ends here.
  absl::Status End();
  // Commits what is whole so far.
  absl::Status Flush();
  const campaigns::v1::ContactImport& state() const { return record_.shown; }

 private:
  ContactImport(ImportStore& store, ImportRecord record, Options options);

  // Takes the records that are there; the last ones stay in the batch.
  absl::Status TakeRecords();
  absl::Status Take(const Record& record);
  absl::Status Commit(bool complete);

  ImportStore* store_;
  ImportRecord record_;
  Options options_;
  RecordReader reader_;
  std::optional<ContactRowReader> rows_;  // nothing before the header of a CSV file
  std::vector<std::string> header_;
  ImportBatch batch_;
};

}  // namespace trunkline::scheduler
