#include "libs/providers/plivo/webhook_time.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::providers::plivo {
namespace {

// Times outside are mistakes, and the sums that are made with times stay in the range of protobuf's.
constexpr int64_t kFirstYear = 1970;
constexpr int64_t kLastYear = 2999;

// "2026-03-03 09:15:00".
constexpr size_t kShortest = 19;

constexpr absl::Duration kZoneStep = absl::Minutes(15);
constexpr absl::Duration kMostApart = absl::Minutes(3);
constexpr absl::Duration kWestmost = -absl::Hours(12);
constexpr absl::Duration kEastmost = absl::Hours(14);

std::optional<absl::Time> Parse(std::string_view format, std::string_view text) {
  // Also keeps out the "infinite-future" that Abseil reads.
  if (text.size() < kShortest || text[4] != '-' || (text[10] != ' ' && text[10] != 'T')) return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(ToAbsl(format), ToAbsl(text), absl::UTCTimeZone(), &time, &error)) return std::nullopt;
  const absl::civil_year_t year = absl::ToCivilYear(time, absl::UTCTimeZone()).year();
  return year >= kFirstYear && year <= kLastYear ? std::optional(time) : std::nullopt;
}

}  // namespace

std::optional<absl::Time> ParseUtc(std::string_view text) { return Parse("%Y-%m-%d %H:%M:%E*S", Trim(text)); }

std::optional<absl::Time> ParseWithOffset(std::string_view text) { return Parse("%Y-%m-%d %H:%M:%E*S%Ez", Trim(text)); }

std::optional<absl::Duration> ZoneOf(std::string_view start_time, std::string_view session_start) {
  const std::optional<absl::Time> local = ParseUtc(start_time);
  const std::optional<absl::Time> utc = ParseUtc(session_start);
  if (!local.has_value() || !utc.has_value()) return std::nullopt;
  const absl::Duration apart = *local - *utc;
  const absl::Duration zone = absl::Floor(apart + kZoneStep / 2, kZoneStep);
  const bool plausible = zone >= kWestmost && zone <= kEastmost && absl::AbsDuration(apart - zone) <= kMostApart;
  return plausible ? std::optional(zone) : std::nullopt;
}

absl::Time EndOfSecond(absl::Time time, absl::Time known_at) {
  // When their clock is ahead of ours, theirs counts.
  return std::max(time, std::min(time + absl::Seconds(1) - absl::Microseconds(1), known_at));
}

std::optional<absl::Time> ParseEpochMilliseconds(std::string_view text) {
  // The year 2999.
  constexpr double kLatest = 32'472'144'000'000.0;
  const std::optional<double> milliseconds = ParseDouble(Trim(text));
  if (!milliseconds.has_value() || *milliseconds <= 0 || *milliseconds >= kLatest) return std::nullopt;
  return absl::FromUnixMillis(static_cast<int64_t>(*milliseconds));
}

}  // namespace trunkline::providers::plivo
