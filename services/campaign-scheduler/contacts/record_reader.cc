#include "services/campaign-scheduler/contacts/record_reader.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::scheduler {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kTooLong = "the row is longer than 64 KiB; is a quote not closed?";
constexpr std::string_view kNotClosed = "a quote is not closed";
constexpr std::string_view kTextAfterQuote = "text follows a closed quote; write a quote within a field twice";
constexpr std::string_view kNoText = "the row is not text in UTF-8 without NUL";

std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

RecordReader::RecordReader(campaigns::v1::FileFormat format, FilePlace begin)
    : is_csv_(format != campaigns::v1::FILE_FORMAT_JSON_LINES), place_(begin), may_have_mark_(begin.offset == 0) {}

void RecordReader::Append(std::string_view bytes) {
  buffer_.erase(0, taken_);
  taken_ = 0;
  buffer_.append(bytes);
}

std::optional<Record> RecordReader::Next() {
  if (may_have_mark_) {
    const bool may_become_one = Rest().size() < kByteOrderMark.size() && kByteOrderMark.starts_with(Rest());
    if (may_become_one && !ended_) return std::nullopt;
    may_have_mark_ = false;
    if (Rest().starts_with(kByteOrderMark)) Take(kByteOrderMark.size());
  }
  if (!wrong_.has_value()) {
    if (Rest().empty()) return std::nullopt;
    Scan scan = is_csv_ ? ScanCsv() : ScanLine();
    switch (scan.outcome) {
      case Outcome::kIncomplete:
        return std::nullopt;
      case Outcome::kWrong:
        wrong_ = Record{.problem = std::move(scan.problem), .line = place_.line};
        break;
      case Outcome::kComplete: {
        Record record{.fields = std::move(scan.fields), .line = place_.line};
        if (!IsStorableText(Rest().substr(0, scan.length))) {
          record.fields.clear();
          record.problem = kNoText;
        }
        Take(scan.length);
        record.next = place_;
        return record;
      }
    }
  }
  if (!SkipLine()) return std::nullopt;
  std::optional<Record> record = std::exchange(wrong_, std::nullopt);
  record->next = place_;
  return record;
}

RecordReader::Scan RecordReader::Unfinished(std::string_view problem_at_the_end) const {
  if (Rest().size() > kLongestRecord) return {.outcome = Outcome::kWrong, .problem = std::string(kTooLong)};
  if (WindowIsLast()) return {.outcome = Outcome::kWrong, .problem = std::string(problem_at_the_end)};
  return {};
}

RecordReader::Scan RecordReader::ScanLine() const {
  const std::string_view text = Window();
  const size_t end = text.find('\n');
  if (end == std::string_view::npos && !WindowIsLast()) return Unfinished("");
  return {.outcome = Outcome::kComplete,
          .fields = {std::string(WithoutCarriageReturn(text.substr(0, end)))},
          .length = std::min(end, text.size() - 1) + 1};
}

RecordReader::Scan RecordReader::ScanCsv() const {
  const std::string_view text = Window();
  Scan scan{.outcome = Outcome::kComplete};
  size_t at = 0;
  while (true) {
    std::string& field = scan.fields.emplace_back();
    if (at < text.size() && text[at] == '"') {
      ++at;
      while (true) {
        const size_t quote = text.find('"', at);
        if (quote == std::string_view::npos) return Unfinished(kNotClosed);
        field.append(text, at, quote - at);
        at = quote + 1;
        if (at == text.size() && !WindowIsLast()) return Unfinished("");
        if (at == text.size() || text[at] != '"') break;
        field.push_back('"');
        ++at;
      }
      const bool carriage_return = at < text.size() && text[at] == '\r';
      if (carriage_return && at + 1 == text.size() && !WindowIsLast()) return Unfinished("");
      if (carriage_return && (at + 1 == text.size() || text[at + 1] == '\n')) ++at;
      if (at < text.size() && text[at] != ',' && text[at] != '\n') {
        return {.outcome = Outcome::kWrong, .problem = std::string(kTextAfterQuote)};
      }
    } else {
      const size_t end = text.find_first_of(",\n", at);
      if (end == std::string_view::npos && !WindowIsLast()) return Unfinished("");
      const bool last = end == std::string_view::npos || text[end] == '\n';
      const std::string_view value = text.substr(at, end - at);
      field = last ? WithoutCarriageReturn(value) : value;
      at = std::min(end, text.size());
    }
    if (at == text.size() || text[at] == '\n') {
      scan.length = std::min(at + 1, text.size());
      return scan;
    }
    ++at;
  }
}

void RecordReader::Take(size_t length) {
  const std::string_view bytes = Rest().substr(0, length);
  place_.offset += static_cast<int64_t>(bytes.size());
  place_.line += std::count(bytes.begin(), bytes.end(), '\n');
  taken_ += bytes.size();
}

bool RecordReader::SkipLine() {
  const size_t end = Rest().find('\n');
  Take(end == std::string_view::npos ? Rest().size() : end + 1);
  return end != std::string_view::npos || ended_;
}

}  // namespace trunkline::scheduler
