#include "services/campaign-scheduler/rules/calling_hours.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::scheduler {
namespace {

constexpr int kMinutesOfHour = 60;
constexpr int kMinutesOfWholeDay = 24 * kMinutesOfHour;

std::optional<int> TwoDigits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 2 || !is_digit(text[0]) || !is_digit(text[1])) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

int MinuteOf(absl::CivilSecond local) { return local.hour() * kMinutesOfHour + local.minute(); }

std::string TimeText(int minutes) {
  const auto two = [](int value) { return Concat(value < 10 ? "0" : "", value); };
  return Concat(two(minutes / kMinutesOfHour), ":", two(minutes % kMinutesOfHour));
}

absl::Weekday ToWeekday(int day) { return static_cast<absl::Weekday>(day - v1::WEEKDAY_MONDAY); }

static_assert(static_cast<int>(absl::Weekday::monday) == 0 && static_cast<int>(absl::Weekday::sunday) == 6);

// When the clock on the wall comes to that time: once, twice, or where it jumps over it.
void AddMoments(absl::CivilSecond local, const absl::TimeZone& zone, std::vector<absl::Time>* moments) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) {
    moments->push_back(info.trans);
  } else {
    moments->insert(moments->end(), {info.pre, info.post});
  }
}

// When the clock jumps on that day, if it does: it may show then what it did not show just before.
void AddJumps(absl::CivilDay day, const absl::TimeZone& zone, std::vector<absl::Time>* moments) {
  const absl::Time begin = zone.At(absl::CivilSecond(day)).pre;
  const absl::Time end = zone.At(absl::CivilSecond(day + 1)).pre;
  absl::TimeZone::CivilTransition jump;
  for (absl::Time at = begin - absl::Seconds(1); zone.NextTransition(at, &jump);) {
    at = zone.At(jump.to).trans;
    if (at >= end) return;
    moments->push_back(at);
  }
}

}  // namespace

std::optional<int> MinutesOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const std::optional<int> hours = TwoDigits(text.substr(0, 2));
  const std::optional<int> minutes = TwoDigits(text.substr(3));
  if (!hours.has_value() || !minutes.has_value() || *minutes >= kMinutesOfHour) return std::nullopt;
  const int of_day = *hours * kMinutesOfHour + *minutes;
  return of_day <= kMinutesOfWholeDay ? std::optional(of_day) : std::nullopt;
}

std::optional<absl::CivilDay> DayOf(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::optional<int> century = TwoDigits(text.substr(0, 2));
  const std::optional<int> year = TwoDigits(text.substr(2, 2));
  const std::optional<int> month = TwoDigits(text.substr(5, 2));
  const std::optional<int> day = TwoDigits(text.substr(8));
  if (!century.has_value() || !year.has_value() || !month.has_value() || !day.has_value()) return std::nullopt;
  const absl::CivilDay read(*century * 100 + *year, *month, *day);
  if (read.month() != *month || read.day() != *day) return std::nullopt;  // it was made one that exists
  return read;
}

CallingHours::CallingHours(const google::protobuf::RepeatedPtrField<v1::CallingWindow>& windows,
                           const google::protobuf::RepeatedPtrField<std::string>& holidays) {
  for (const v1::CallingWindow& window : windows) {
    const std::optional<int> opens = MinutesOfDay(window.opens());
    const std::optional<int> closes = MinutesOfDay(window.closes());
    Window read{
        .days = std::vector<bool>(7, window.days().empty()), .opens = opens.value_or(0), .closes = closes.value_or(0)};
    if (!opens.has_value() || !closes.has_value() || *opens >= *closes) windows_broken_ = true;
    for (const int day : window.days()) {
      if (day < v1::WEEKDAY_MONDAY || day > v1::WEEKDAY_SUNDAY) {
        windows_broken_ = true;
      } else {
        read.days[static_cast<size_t>(ToWeekday(day))] = true;
      }
    }
    windows_.push_back(std::move(read));
  }
  for (const std::string& holiday : holidays) {
    const std::optional<absl::CivilDay> day = DayOf(holiday);
    if (!day.has_value()) holidays_broken_ = true;
    if (day.has_value()) holidays_.insert(*day);
  }
}

bool CallingHours::InWindow(absl::Time at, const absl::TimeZone& zone) const {
  if (windows_broken_) return false;
  if (windows_.empty()) return true;
  const absl::CivilSecond local = zone.At(at).cs;
  const auto weekday = static_cast<size_t>(absl::GetWeekday(local));
  const int minute = MinuteOf(local);
  return std::any_of(windows_.begin(), windows_.end(), [&](const Window& window) {
    return window.days[weekday] && minute >= window.opens && minute < window.closes;
  });
}

bool CallingHours::IsWorkday(absl::Time at, const absl::TimeZone& zone) const {
  if (holidays_broken_) return false;
  return holidays_.empty() || !holidays_.contains(absl::CivilDay(zone.At(at).cs));
}

std::optional<absl::Time> CallingHours::NextInWindow(absl::Time from, absl::Time latest,
                                                     const absl::TimeZone& zone) const {
  if (windows_broken_ || from > latest) return std::nullopt;
  if (InWindow(from, zone)) return from;
  // A window comes within a week, unless the jump of a clock swallows it: then within two.
  const absl::CivilDay today(zone.At(from).cs);
  std::vector<absl::Time> moments;
  for (absl::CivilDay day = today; day <= today + 15; ++day) {
    moments.clear();
    for (const Window& window : windows_) {
      if (!window.days[static_cast<size_t>(absl::GetWeekday(day))]) continue;
      AddMoments(absl::CivilSecond(day) + absl::civil_diff_t{window.opens} * 60, zone, &moments);
    }
    AddJumps(day, zone, &moments);
    std::sort(moments.begin(), moments.end());
    for (const absl::Time moment : moments) {
      if (moment < from || !InWindow(moment, zone)) continue;
      return moment <= latest ? std::optional(moment) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<absl::Time> CallingHours::NextWorkday(absl::Time from, absl::Time latest,
                                                    const absl::TimeZone& zone) const {
  if (holidays_broken_) return std::nullopt;
  absl::Time at = from;
  while (at <= latest) {
    if (IsWorkday(at, zone)) return at;
    // The first moment of the next day there. Where a clock that goes back repeats midnight, the day may come twice.
    const absl::CivilDay tomorrow = absl::CivilDay(zone.At(at).cs) + 1;
    const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(tomorrow));
    at = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : (info.pre > at ? info.pre : info.post);
  }
  return std::nullopt;
}

std::string CallingHours::WindowsOf(absl::CivilDay day) const {
  std::string text;
  for (const Window& window : windows_) {
    if (!window.days[static_cast<size_t>(absl::GetWeekday(day))]) continue;
    text += Concat(text.empty() ? "" : ", ", TimeText(window.opens), "-", TimeText(window.closes));
  }
  return text.empty() ? "closed" : text;
}

}  // namespace trunkline::scheduler
