#include "services/concurrency-governor/journal/slot_lines.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "libs/base/text.h"

namespace trunkline::governor {
namespace {

constexpr char kSeparator = '\t';
constexpr std::string_view kEndMark = "-";  // where a whole line has its fencing token, which is positive

absl::Status Unreadable() { return absl::InternalError("a line of slot_journal cannot be read"); }

bool IsPlain(char c) { return c != '%' && c != '\t' && c != '\n'; }

// Writes fields one after the other.
class LineWriter {
 public:
  explicit LineWriter(std::string* lines) : lines_(*lines) {}

  LineWriter& Plain(std::string_view text) {
    Separate();
    lines_.append(text);
    return *this;
  }
  LineWriter& Text(std::string_view text) {
    if (std::all_of(text.begin(), text.end(), IsPlain)) return Plain(text);
    return Plain(absl::StrReplaceAll(ToAbsl(text), {{"%", "%25"}, {"\t", "%09"}, {"\n", "%0A"}}));
  }
  LineWriter& Number(int64_t number) {
    Separate();
    char digits[24];
    lines_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    return *this;
  }
  LineWriter& Time(std::optional<absl::Time> time) {
    if (time.has_value()) return Number(absl::ToUnixMicros(*time));
    Separate();
    return *this;
  }

 private:
  void Separate() {
    if (!first_) lines_.push_back(kSeparator);
    first_ = false;
  }

  std::string& lines_;
  bool first_ = true;
};

// Reads them; what is missing or wrong is remembered.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : fields_(Split(line, kSeparator)) {}

  std::string_view Plain() {
    if (next_ < fields_.size()) return fields_[next_++];
    complete_ = false;
    return {};
  }
  std::string Text() {
    const std::string_view field = Plain();
    if (field.find('%') == std::string_view::npos) return std::string(field);
    return absl::StrReplaceAll(ToAbsl(field), {{"%09", "\t"}, {"%0A", "\n"}, {"%25", "%"}});
  }
  int64_t Number() {
    const std::optional<int64_t> number = ParseInt(Plain());
    complete_ &= number.has_value();
    return number.value_or(0);
  }
  absl::Time Time() { return absl::FromUnixMicros(Number()); }
  std::optional<absl::Time> TimeOrNothing() {
    if (next_ < fields_.size() && fields_[next_].empty()) {
      ++next_;
      return std::nullopt;
    }
    return Time();
  }
  bool complete() const { return complete_; }

 private:
  const std::vector<std::string_view> fields_;
  size_t next_ = 0;
  bool complete_ = true;
};

}  // namespace

void AppendWholeLine(const Slot& slot, std::string* lines) {
  const bool is_heard = slot.last_news_at != slot.granted_at();
  const bool expires = slot.expires_at != absl::InfiniteFuture();
  LineWriter(lines)
      .Plain(slot.slot_id())
      .Number(slot.fencing_token())
      .Text(slot.subject().business_id)
      .Text(slot.grant->request_id)
      .Number(static_cast<int64_t>(slot.kind()))
      .Text(slot.subject().provider_account_id)
      .Text(slot.subject().caller_number)
      .Text(slot.subject().campaign_id)
      .Text(slot.call_id)
      .Time(slot.granted_at())
      .Time(expires ? std::optional(slot.expires_at) : std::nullopt)
      .Time(slot.released_at)
      .Number(static_cast<int64_t>(slot.reason))
      .Time(is_heard ? std::optional(slot.last_news_at) : std::nullopt);
}

void AppendEndLine(const Slot& slot, std::string* lines) {
  LineWriter(lines)
      .Plain(slot.slot_id())
      .Plain(kEndMark)
      .Time(slot.released_at)
      .Number(static_cast<int64_t>(slot.reason))
      .Time(slot.last_news_at);
}

std::string_view SlotIdOfLine(std::string_view line) { return line.substr(0, line.find(kSeparator)); }

bool IsEndLine(std::string_view line) {
  const std::string_view rest = line.substr(SlotIdOfLine(line).size());
  return !rest.empty() && rest.substr(1).starts_with(kEndMark);
}

absl::StatusOr<SlotEnd> EndOfLine(std::string_view end_line) {
  LineReader reader(end_line);
  reader.Plain();
  reader.Plain();
  SlotEnd end;
  end.released_at = reader.Time();
  end.reason = static_cast<ReleaseReason>(reader.Number());
  end.last_news_at = reader.Time();
  if (!reader.complete()) return Unreadable();
  return end;
}

absl::StatusOr<Slot> SlotOfLine(std::string_view whole_line) {
  LineReader reader(whole_line);
  SlotGrant grant;
  Slot slot;
  grant.slot_id = reader.Plain();
  grant.fencing_token = reader.Number();
  grant.subject.business_id = reader.Text();
  grant.request_id = reader.Text();
  grant.kind = static_cast<SlotKind>(reader.Number());
  grant.subject.provider_account_id = reader.Text();
  grant.subject.caller_number = reader.Text();
  grant.subject.campaign_id = reader.Text();
  slot.call_id = reader.Text();
  grant.granted_at = reader.Time();
  slot.expires_at = reader.TimeOrNothing().value_or(absl::InfiniteFuture());
  slot.released_at = reader.TimeOrNothing();
  slot.reason = static_cast<ReleaseReason>(reader.Number());
  slot.last_news_at = reader.TimeOrNothing().value_or(grant.granted_at);
  if (!reader.complete()) return Unreadable();
  slot.grant = std::make_shared<SlotGrant>(std::move(grant));
  return slot;
}

}  // namespace trunkline::governor
