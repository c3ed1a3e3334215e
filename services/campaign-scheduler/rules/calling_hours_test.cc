#include "services/campaign-scheduler/rules/calling_hours.h"

#include <gtest/gtest.h>

namespace trunkline::scheduler {
namespace {

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

struct WindowSpec {
  std::string opens;
  std::string closes;
  std::vector<v1::Weekday> days;
};

CallingHours HoursOf(const std::vector<WindowSpec>& windows, const std::vector<std::string>& holidays = {}) {
  v1::CallingRules rules;
  for (const WindowSpec& spec : windows) {
    v1::CallingWindow* window = rules.add_windows();
    window->set_opens(spec.opens);
    window->set_closes(spec.closes);
    for (const v1::Weekday day : spec.days) window->add_days(day);
  }
  for (const std::string& day : holidays) rules.add_holidays(day);
  return CallingHours(rules.windows(), rules.holidays());
}

std::optional<absl::Time> NextIn(const CallingHours& hours, const std::string& from, const std::string& zone) {
  return hours.NextInWindow(At(from), absl::InfiniteFuture(), ZoneOf(zone));
}

TEST(MinutesOfDayTest, ReadsTimesAndNothingElse) {
  EXPECT_EQ(MinutesOfDay("00:00"), 0);
  EXPECT_EQ(MinutesOfDay("09:05"), 545);
  EXPECT_EQ(MinutesOfDay("23:59"), 1439);
  EXPECT_EQ(MinutesOfDay("24:00"), 1440);
  for (const char* wrong : {"", "9:00", "24:01", "25:00", "09:60", "09-00", "0a:00", "09:00 ", "-1:00", "09:0\xFF"}) {
    EXPECT_EQ(MinutesOfDay(wrong), std::nullopt) << wrong;
  }
}

TEST(DayOfTest, ReadsDaysThatExist) {
  EXPECT_EQ(DayOf("2026-12-25"), absl::CivilDay(2026, 12, 25));
  EXPECT_EQ(DayOf("2028-02-29"), absl::CivilDay(2028, 2, 29));
  for (const char* wrong :
       {"", "2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-1-01", "26-12-25", "2026/12/25"}) {
    EXPECT_EQ(DayOf(wrong), std::nullopt) << wrong;
  }
}

TEST(CallingHoursTest, OpensWithTheFirstMinuteAndClosesBeforeTheLast) {
  const CallingHours hours = HoursOf({{"09:00", "20:30", {}}});
  const absl::TimeZone zone = ZoneOf("America/New_York");
  EXPECT_FALSE(hours.InWindow(At("2026-01-15T08:59:59-05:00"), zone));
  EXPECT_TRUE(hours.InWindow(At("2026-01-15T09:00:00-05:00"), zone));
  EXPECT_TRUE(hours.InWindow(At("2026-01-15T20:29:59-05:00"), zone));
  EXPECT_FALSE(hours.InWindow(At("2026-01-15T20:30:00-05:00"), zone));
}

TEST(CallingHoursTest, AWindowHoldsOnItsDaysOnly) {
  const CallingHours hours =
      HoursOf({{"09:00", "12:00", {v1::WEEKDAY_SATURDAY}}, {"10:00", "24:00", {v1::WEEKDAY_MONDAY}}});
  // 2026-01-16 is a Friday.
  EXPECT_EQ(NextIn(hours, "2026-01-16T10:00:00+05:30", "Asia/Kolkata"), At("2026-01-17T09:00:00+05:30"));
  EXPECT_EQ(NextIn(hours, "2026-01-17T12:00:00+05:30", "Asia/Kolkata"), At("2026-01-19T10:00:00+05:30"));
  EXPECT_EQ(NextIn(hours, "2026-01-19T23:59:59+05:30", "Asia/Kolkata"), At("2026-01-19T23:59:59+05:30"));
  EXPECT_EQ(NextIn(hours, "2026-01-20T00:00:00+05:30", "Asia/Kolkata"), At("2026-01-24T09:00:00+05:30"));
  EXPECT_EQ(hours.WindowsOf(absl::CivilDay(2026, 1, 17)), "09:00-12:00");
  EXPECT_EQ(hours.WindowsOf(absl::CivilDay(2026, 1, 18)), "closed");
  EXPECT_EQ(hours.WindowsOf(absl::CivilDay(2026, 1, 19)), "10:00-24:00");
}

TEST(CallingHoursTest, WithoutWindowsEveryTimeIsOpenAndNoZoneIsNeeded) {
  const CallingHours hours = HoursOf({});
  EXPECT_FALSE(hours.NeedTimeZone());
  EXPECT_TRUE(hours.InWindow(At("2026-01-15T03:00:00Z"), absl::UTCTimeZone()));
  EXPECT_TRUE(HoursOf({{"09:00", "20:00", {}}}).NeedTimeZone());
  EXPECT_TRUE(HoursOf({}, {"2026-12-25"}).NeedTimeZone());
}

// 2026-03-08 in New York: 02:00 becomes 03:00.
TEST(CallingHoursTest, AWindowInASkippedHourBeginsAfterTheJump) {
  const CallingHours hours = HoursOf({{"02:30", "06:00", {}}});
  EXPECT_EQ(NextIn(hours, "2026-03-08T00:00:00-05:00", "America/New_York"), At("2026-03-08T03:00:00-04:00"));
  EXPECT_EQ(NextIn(hours, "2026-03-09T00:00:00-04:00", "America/New_York"), At("2026-03-09T02:30:00-04:00"));
}

TEST(CallingHoursTest, AWindowThatIsSkippedAsAWholeDoesNotOpenThatDay) {
  const CallingHours hours = HoursOf({{"02:00", "03:00", {}}});
  EXPECT_EQ(NextIn(hours, "2026-03-08T00:00:00-05:00", "America/New_York"), At("2026-03-09T02:00:00-04:00"));
}

TEST(CallingHoursTest, AWeeklyWindowThatIsSkippedOpensAWeekLater) {
  const CallingHours hours = HoursOf({{"02:00", "03:00", {v1::WEEKDAY_SUNDAY}}});
  EXPECT_EQ(NextIn(hours, "2026-03-02T00:00:00-05:00", "America/New_York"), At("2026-03-15T02:00:00-04:00"));
}

// 2026-11-01 in New York: 02:00 becomes 01:00 again.
TEST(CallingHoursTest, AWindowInARepeatedHourOpensBothTimes) {
  const CallingHours hours = HoursOf({{"01:30", "01:45", {}}});
  EXPECT_EQ(NextIn(hours, "2026-11-01T00:00:00-04:00", "America/New_York"), At("2026-11-01T01:30:00-04:00"));
  EXPECT_EQ(NextIn(hours, "2026-11-01T01:45:00-04:00", "America/New_York"), At("2026-11-01T01:30:00-05:00"));
  EXPECT_EQ(NextIn(hours, "2026-11-01T01:45:00-05:00", "America/New_York"), At("2026-11-02T01:30:00-05:00"));
}

TEST(CallingHoursTest, AWindowThatClosedMayOpenAgainWhenTheClockGoesBack) {
  const CallingHours hours = HoursOf({{"00:30", "01:30", {}}});
  EXPECT_EQ(NextIn(hours, "2026-11-01T01:30:00-04:00", "America/New_York"), At("2026-11-01T01:00:00-05:00"));
}

TEST(CallingHoursTest, AHolidayIsTheWholeDayThere) {
  const CallingHours hours = HoursOf({}, {"2026-12-25", "2026-12-26"});
  const absl::TimeZone auckland = ZoneOf("Pacific/Auckland");
  EXPECT_TRUE(hours.IsWorkday(At("2026-12-24T23:59:59+13:00"), auckland));
  EXPECT_FALSE(hours.IsWorkday(At("2026-12-25T00:00:00+13:00"), auckland));
  EXPECT_EQ(hours.NextWorkday(At("2026-12-25T10:00:00+13:00"), absl::InfiniteFuture(), auckland),
            At("2026-12-27T00:00:00+13:00"));
  EXPECT_EQ(hours.NextWorkday(At("2026-12-25T10:00:00+13:00"), At("2026-12-26T00:00:00+13:00"), auckland),
            std::nullopt);
}

// In Beirut the clock goes from 24:00 to 01:00: 2026-03-29 has no midnight.
TEST(CallingHoursTest, AfterAHolidayADayWithoutMidnightBeginsWhenItBegins) {
  const CallingHours hours = HoursOf({}, {"2026-03-28"});
  EXPECT_EQ(hours.NextWorkday(At("2026-03-28T12:00:00+02:00"), absl::InfiniteFuture(), ZoneOf("Asia/Beirut")),
            At("2026-03-29T01:00:00+03:00"));
}

TEST(CallingHoursTest, WhatCannotBeReadIsNeverOpen) {
  for (const WindowSpec& spec : std::vector<WindowSpec>{{"9:00", "20:00", {}},
                                                        {"09:00", "", {}},
                                                        {"20:00", "09:00", {}},
                                                        {"09:00", "09:00", {}},
                                                        {"09:00", "20:00", {v1::WEEKDAY_UNSPECIFIED}},
                                                        {"09:00", "20:00", {static_cast<v1::Weekday>(8)}}}) {
    const CallingHours hours = HoursOf({{"00:00", "24:00", {}}, spec});
    EXPECT_TRUE(hours.NeedTimeZone());
    EXPECT_FALSE(hours.InWindow(At("2026-01-15T12:00:00Z"), absl::UTCTimeZone()));
    EXPECT_EQ(NextIn(hours, "2026-01-15T12:00:00Z", "UTC"), std::nullopt);
  }
  const CallingHours hours = HoursOf({}, {"2026-12-25", "Christmas"});
  EXPECT_FALSE(hours.IsWorkday(At("2026-01-15T12:00:00Z"), absl::UTCTimeZone()));
  EXPECT_EQ(hours.NextWorkday(At("2026-01-15T12:00:00Z"), absl::InfiniteFuture(), absl::UTCTimeZone()), std::nullopt);
}

// Minute by minute through the days on which clocks jump, in zones that jump at odd hours and by odd amounts.
TEST(CallingHoursTest, TheNextOpeningIsTheFirstMinuteThatIsOpen) {
  const std::vector<CallingHours> all = {
      HoursOf({{"00:00", "00:10", {}}}), HoursOf({{"00:15", "01:20", {}}, {"02:15", "02:45", {}}}),
      HoursOf({{"23:50", "24:00", {v1::WEEKDAY_SATURDAY}}, {"01:59", "03:01", {v1::WEEKDAY_SUNDAY}}})};
  for (const char* name : {"America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut",
                           "America/Santiago", "Asia/Kolkata"}) {
    const absl::TimeZone zone = ZoneOf(name);
    absl::TimeZone::CivilTransition jump;
    absl::Time around = At("2026-01-01T00:00:00Z");
    for (int i = 0; i < 2; ++i) {
      if (zone.NextTransition(around, &jump)) around = zone.At(jump.to).trans;
      const absl::Time begin = around - absl::Hours(30);
      const absl::Time end = around + absl::Hours(30);
      for (const CallingHours& hours : all) {
        std::optional<absl::Time> next;
        for (absl::Time at = end; at >= begin; at -= absl::Minutes(1)) {
          if (hours.InWindow(at, zone)) next = at;
          if (!next.has_value()) continue;
          ASSERT_EQ(hours.NextInWindow(at, absl::InfiniteFuture(), zone), next)
              << name << " " << absl::FormatTime(at, zone);
        }
      }
    }
  }
}

}  // namespace
}  // namespace trunkline::scheduler
