// Whatever a file holds and however it is cut, its records are the same, and each is a contact or a problem.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "services/campaign-scheduler/contacts/contact_row.h"
#include "services/campaign-scheduler/contacts/record_reader.h"

namespace {

using trunkline::scheduler::ContactRow;
using trunkline::scheduler::ContactRowReader;
using trunkline::scheduler::Record;
using trunkline::scheduler::RecordReader;
using trunkline::scheduler::RowProblem;

std::vector<Record> Read(trunkline::campaigns::v1::FileFormat format, std::string_view file, size_t piece) {
  RecordReader reader(format, {});
  std::vector<Record> records;
  for (size_t at = 0; at < file.size(); at += piece) {
    reader.Append(file.substr(at, piece));
    while (auto record = reader.Next()) records.push_back(*std::move(record));
  }
  reader.End();
  while (auto record = reader.Next()) records.push_back(*std::move(record));
  return records;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// The first byte chooses the format and the pieces.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto format =
      data[0] % 2 == 0 ? trunkline::campaigns::v1::FILE_FORMAT_CSV : trunkline::campaigns::v1::FILE_FORMAT_JSON_LINES;
  const std::vector<Record> records = Read(format, file, file.size() + 1);
  const std::vector<Record> in_pieces = Read(format, file, data[0] / 2 + 1);
  Require(records.size() == in_pieces.size());
  int64_t offset = 0;
  auto rows = format == trunkline::campaigns::v1::FILE_FORMAT_CSV
                  ? ContactRowReader::ForCsv({"number", "time_zone", "priority", "name"}, "US")
                  : absl::StatusOr<ContactRowReader>(ContactRowReader::ForJsonLines("US"));
  for (size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    Require(record.fields == in_pieces[i].fields && record.problem == in_pieces[i].problem);
    Require(record.line == in_pieces[i].line && record.next.offset == in_pieces[i].next.offset);
    Require(record.next.offset > offset && record.next.line == in_pieces[i].next.line);
    offset = record.next.offset;
    if (!record.problem.empty() || record.IsBlank()) continue;
    ContactRow row;
    std::vector<RowProblem> problems;
    Require(rows->Read(record, &row, &problems) == problems.empty());
    Require(!problems.empty() || !row.number.empty());
  }
  return 0;
}
