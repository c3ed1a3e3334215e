#include "libs/providers/twilio/webhook_time.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/time/civil_time.h"
#include "libs/base/text.h"

namespace trunkline::providers::twilio {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
// Times outside are mistakes, and the sums that are made with times stay in the range of protobuf's.
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2999;

// A number of exactly the text's digits.
std::optional<int> Digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

std::optional<absl::Duration> Zone(std::string_view text) {
  if (text == "GMT" || text == "UTC") return absl::ZeroDuration();
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const std::optional<int> hours = Digits(text.substr(1, 2));
  const std::optional<int> minutes = Digits(text.substr(3, 2));
  if (!hours.has_value() || !minutes.has_value() || *hours > 23 || *minutes > 59) return std::nullopt;
  const absl::Duration offset = absl::Hours(*hours) + absl::Minutes(*minutes);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<absl::Time> ParseRfc2822(std::string_view text) {
  if (const size_t comma = text.find(", "); comma != std::string_view::npos) {
    if (std::find(kDays.begin(), kDays.end(), text.substr(0, comma)) == kDays.end()) return std::nullopt;
    text.remove_prefix(comma + 2);
  }
  const auto words = Split(text, ' ');
  if (words.size() != 5 || words[0].size() > 2 || words[2].size() != 4 || words[3].size() != 8) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), words[1]);
  const std::string_view clock = words[3];
  if (month == kMonths.end() || clock[2] != ':' || clock[5] != ':') return std::nullopt;
  const std::optional<int> day = Digits(words[0]);
  const std::optional<int> year = Digits(words[2]);
  const std::optional<int> hour = Digits(clock.substr(0, 2));
  const std::optional<int> minute = Digits(clock.substr(3, 2));
  const std::optional<int> second = Digits(clock.substr(6, 2));
  const std::optional<absl::Duration> zone = Zone(words[4]);
  if (!day || !year || !hour || !minute || !second || !zone || *year < kFirstYear || *year > kLastYear) {
    return std::nullopt;
  }
  const int month_number = static_cast<int>(month - kMonths.begin()) + 1;
  // A civil time moves what is out of range into the next unit; a time that moved was none.
  const absl::CivilSecond civil(*year, month_number, *day, *hour, *minute, *second);
  if (civil.month() != month_number || civil.day() != *day || civil.hour() != *hour || civil.minute() != *minute ||
      civil.second() != *second) {
    return std::nullopt;
  }
  return absl::FromCivil(civil, absl::UTCTimeZone()) - *zone;
}

std::optional<absl::Time> ParseTimestamp(std::string_view text) {
  if (const std::optional<absl::Time> time = ParseRfc2822(text); time.has_value()) return time;
  // The shortest form, "2026-03-03T09:16:11Z"; this also keeps out the "infinite-future" that Abseil reads.
  constexpr size_t kShortest = 20;
  if (text.size() < kShortest || text[4] != '-' || text[10] != 'T') return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error)) return std::nullopt;
  const absl::civil_year_t year = absl::ToCivilYear(time, absl::UTCTimeZone()).year();
  return year >= kFirstYear && year <= kLastYear ? std::optional(time) : std::nullopt;
}

}  // namespace trunkline::providers::twilio
