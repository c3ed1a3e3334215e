#include "libs/tracking/wire_values.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"

namespace trunkline::tracking {
namespace {

constexpr int64_t kFirstMilliseconds = 100'000'000'000;
constexpr int64_t kLastMilliseconds = 253'402'300'799'999;  // of the year 9999
constexpr size_t kFewestDigits = 7;
constexpr size_t kMostDigitsOfNumber = 15;
constexpr size_t kNationalDigits = 10;  // in North America
constexpr size_t kLongestText = 1000;

// A token of a template as it was written, where its value should stand.
bool IsOneToken(std::string_view text, std::string_view open, std::string_view close) {
  if (text.size() <= open.size() + close.size() || !text.starts_with(open) || !text.ends_with(close)) return false;
  const std::string_view inner = text.substr(open.size(), text.size() - open.size() - close.size());
  return inner.find_first_of("[]{}") == std::string_view::npos;
}

// "2026-03-02 14:00:00 -0500" -> "2026-03-02T14:00:00-0500"
std::string ToIso(std::string_view text) {
  std::string iso(text);
  constexpr size_t kDateLength = 10;
  if (iso.size() > kDateLength && (iso[kDateLength] == ' ' || iso[kDateLength] == 't')) iso[kDateLength] = 'T';
  if (iso.ends_with(" UTC")) iso.replace(iso.size() - 4, 4, "Z");
  if (iso.ends_with('z')) iso.back() = 'Z';
  std::erase(iso, ' ');
  return iso;
}

std::optional<absl::Time> ParseWith(std::string_view format, std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(ToAbsl(format), ToAbsl(text), &time, &error)) return std::nullopt;
  return time;
}

std::optional<absl::Time> Usable(absl::Time time) {
  const absl::CivilYear year(absl::ToCivilYear(time, absl::UTCTimeZone()));
  if (year.year() <= 1 || year.year() > 9999) return std::nullopt;
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

}  // namespace

bool IsPlaceholder(std::string_view text) {
  text = Trim(text);
  return text.empty() || EqualsIgnoreCase(text, "-no value-") || EqualsIgnoreCase(text, "null") ||
         EqualsIgnoreCase(text, "undefined") || IsOneToken(text, "[", "]") || IsOneToken(text, "{{", "}}");
}

std::optional<std::string> ToText(std::string_view text) {
  if (IsPlaceholder(text)) return std::nullopt;
  text = Trim(text);
  if (text.size() > kLongestText) {
    text = text.substr(0, kLongestText);
    // Not in the middle of a character.
    while (!text.empty() && !IsStorableText(text) && kLongestText - text.size() < 4) text.remove_suffix(1);
  }
  return ToStorableText(text);
}

WireTime ParseTime(std::string_view text) {
  text = Trim(text);
  if (text.empty() || text.size() > 40 || !IsDigit(text[0])) return {};
  if (AreDigits(text)) {
    const int64_t number = ParseInt(text).value_or(0);
    if (number < kFirstMilliseconds || number > kLastMilliseconds) return {};
    return {.time = absl::FromUnixMillis(number)};
  }
  if (text.find('/') != std::string_view::npos) {
    const auto time = ParseWith("%m/%d/%Y %I:%M:%S %p", text);
    return {.time = time.has_value() ? Usable(*time) : std::nullopt};
  }
  const std::string iso = ToIso(text);
  if (const auto time = ParseWith("%Y-%m-%dT%H:%M:%E*S%Ez", iso); time.has_value()) return {.time = Usable(*time)};
  const auto naive = ParseWith("%Y-%m-%dT%H:%M:%E*S", iso);
  const std::optional<absl::Time> time = naive.has_value() ? Usable(*naive) : std::nullopt;
  return {.time = time, .is_naive = time.has_value()};
}

std::optional<std::string> ParsePhone(std::string_view text) {
  const bool lost_plus = text.size() > 1 && text[0] == ' ' && IsDigit(text[1]);
  text = Trim(text);
  if (IsPlaceholder(text)) return std::nullopt;
  const std::string lower = Lower(text);
  if (lower.starts_with("sip:") || lower.starts_with("sips:")) return ToText(text);
  const bool plus = lost_plus || text.starts_with('+');
  std::string digits;
  for (const char c : text) {
    if (IsDigit(c)) {
      digits.push_back(c);
    } else if (std::string_view("+ -.()/").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  // Some carriers write this for ANONYMOUS, as on a keypad.
  if (digits.size() < kFewestDigits || digits.size() > kMostDigitsOfNumber || digits == "266696687")
    return std::nullopt;
  if (plus || digits.size() > kNationalDigits + 1) return Concat('+', digits);
  if (digits.size() == kNationalDigits) return Concat("+1", digits);
  if (digits.size() == kNationalDigits + 1 && digits[0] == '1') return Concat('+', digits);
  return digits;
}

std::optional<int64_t> ParseSeconds(std::string_view text) {
  text = Trim(text);
  const std::vector<std::string_view> pieces = Split(text, ':');
  if (pieces.size() == 3) {
    const bool plausible = std::all_of(pieces.begin(), pieces.end(),
                                       [](std::string_view piece) { return AreDigits(piece) && piece.size() <= 6; });
    if (!plausible) return std::nullopt;
    return *ParseInt(pieces[0]) * 3600 + *ParseInt(pieces[1]) * 60 + *ParseInt(pieces[2]);
  }
  const size_t point = text.find('.');
  if (point != std::string_view::npos && !AreDigits(text.substr(point + 1))) return std::nullopt;
  const std::string_view whole = text.substr(0, point);
  // Ten digits are three hundred years.
  return AreDigits(whole) && whole.size() <= 10 ? ParseInt(whole) : std::nullopt;
}

std::optional<bool> ParseFlag(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue = {"true", "yes", "on", "1", "converted", "repeat"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "no", "off", "0"};
  const std::string word = Lower(Trim(text));
  if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) return true;
  const bool is_false = IsPlaceholder(word) || word.starts_with("not ") || word.starts_with("did not ") ||
                        std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end();
  return is_false ? std::optional(false) : std::nullopt;
}

}  // namespace trunkline::tracking
