// Takes a file apart into its records, in whatever pieces it comes: lines of CSV (RFC 4180) or of JSON.
//
//   RecordReader reader(FileFormat::FILE_FORMAT_CSV, {.offset = 0, .line = 1});
//   reader.Append(bytes);
//   while (std::optional<Record> record = reader.Next()) Take(*record);
//   reader.End();
//   while (std::optional<Record> record = reader.Next()) Take(*record);
//
// Lines end with LF or CRLF. The same bytes give the same records however they are cut. Each record knows where the
// file goes on after it, so that a reader that begins there goes on as this one would have. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trunkline/campaigns/v1/campaign_service.pb.h"

namespace trunkline::scheduler {

// A place in a file: bytes before it, and the number of the line that begins there or goes on there.
struct FilePlace {
  int64_t offset = 0;
  int64_t line = 1;
};

struct Record {
  std::vector<std::string> fields;  // of CSV; of JSON lines the line alone
  std::string problem;              // why it is none: "a quote is not closed"; empty when it is one
  int64_t line = 1;                 // where it begins
  FilePlace next;                   // what follows it

  // Nothing stands there: an empty line.
  bool IsBlank() const { return problem.empty() && fields.size() == 1 && fields[0].empty(); }
};

class RecordReader {
 public:
  // In bytes. A longer record is wrong, and so no file makes the reader hold more than this and one piece.
  static constexpr size_t kLongestRecord = 64 * 1024;

  // `begin` is where the bytes that come lie in the file. A byte order mark at the file's start is left out.
  RecordReader(campaigns::v1::FileFormat format, FilePlace begin);

  void Append(std::string_view bytes);
  // No more bytes come: what is left is the last record.
  void End() { ended_ = true; }
  // The next record; nothing when more bytes are needed, or none is left.
  std::optional<Record> Next();

 private:
  enum class Outcome { kIncomplete, kComplete, kWrong };
  // What stands at the start of the bytes that are left.
  struct Scan {
    Outcome outcome = Outcome::kIncomplete;
    std::string problem = {};              // of a wrong one
    std::vector<std::string> fields = {};  // of a complete one
    size_t length = 0;                     // of a complete one, with its line break
  };

  Scan ScanCsv() const;
  Scan ScanLine() const;
  // The bytes end before the record does.
  Scan Unfinished(std::string_view problem_at_the_end) const;
  void Take(size_t length);
  // Takes the rest of the line; false when its end is not here yet.
  bool SkipLine();
  // What is left, and as much of it as one record may have.
  std::string_view Rest() const { return std::string_view(buffer_).substr(taken_); }
  std::string_view Window() const { return Rest().substr(0, kLongestRecord); }
  // The window ends where the file does.
  bool WindowIsLast() const { return ended_ && Rest().size() <= kLongestRecord; }

  const bool is_csv_;
  FilePlace place_;
  std::string buffer_;
  size_t taken_ = 0;  // of the buffer
  bool ended_ = false;
  bool may_have_mark_;
  std::optional<Record> wrong_;  // ends with its first line, so that the next line has its chance
};

}  // namespace trunkline::scheduler
