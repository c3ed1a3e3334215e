#include "libs/telephony/number_time_zones.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "libs/base/text.h"

namespace trunkline::telephony {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

TEST(NumberTimeZonesTest, AnAreaCodeTellsItsZone) {
  EXPECT_THAT(TimeZonesOfNumber("+12125550100"), ElementsAre("America/New_York"));
  EXPECT_THAT(TimeZonesOfNumber("+14155550100"), ElementsAre("America/Los_Angeles"));
  EXPECT_THAT(TimeZonesOfNumber("+16025550100"), ElementsAre("America/Phoenix"));
  EXPECT_THAT(TimeZonesOfNumber("+17875550100"), ElementsAre("America/Puerto_Rico"));
}

// Whatever exchange the number is of: it may have been ported, and mobile numbers go where their owners go.
TEST(NumberTimeZonesTest, AnAreaCodeWithTwoZonesTellsBoth) {
  for (const char* florida : {"+18502220100", "+18504350100", "+18509990100"}) {
    EXPECT_THAT(TimeZonesOfNumber(florida), ElementsAre("America/Chicago", "America/New_York")) << florida;
  }
  EXPECT_THAT(TimeZonesOfNumber("+15415550100"), ElementsAre("America/Denver", "America/Los_Angeles"));
  EXPECT_THAT(TimeZonesOfNumber("+19285550100"), ElementsAre("America/Denver", "America/Phoenix"));
}

TEST(NumberTimeZonesTest, ANumberWithoutAPlaceCanBeInEveryZoneOfItsPlan) {
  for (const char* toll_free : {"+18005550100", "+18885550100", "+18445550100"}) {
    EXPECT_THAT(TimeZonesOfNumber(toll_free),
                IsSupersetOf({"America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "America/Anchorage",
                              "Pacific/Guam", "America/St_Johns"}))
        << toll_free;
  }
  EXPECT_EQ(TimeZonesOfNumber("+12995550100"), TimeZonesOfNumber("+18005550100")) << "an area code that nobody knows";
}

TEST(NumberTimeZonesTest, AMobileNumberCanBeInEveryZoneOfItsCountry) {
  EXPECT_THAT(TimeZonesOfNumber("+61412345678"), AllOf(Contains("Australia/Perth"), Contains("Australia/Sydney")));
  EXPECT_THAT(TimeZonesOfNumber("+79123456789"), AllOf(Contains("Asia/Kamchatka"), Contains("Europe/Moscow")));
  EXPECT_THAT(TimeZonesOfNumber("+34612345678"), AllOf(Contains("Atlantic/Canary"), Contains("Europe/Madrid")));
  EXPECT_THAT(TimeZonesOfNumber("+34922123456"), ElementsAre("Atlantic/Canary")) << "a number of Tenerife";
  EXPECT_THAT(TimeZonesOfNumber("+74951234567"), ElementsAre("Europe/Moscow"));
}

TEST(NumberTimeZonesTest, ACountryWithOneTimeTellsIt) {
  EXPECT_THAT(TimeZonesOfNumber("+919812345678"), ElementsAre("Asia/Kolkata"));
  EXPECT_THAT(TimeZonesOfNumber("+442079460000"), ElementsAre("Europe/London"));
  EXPECT_THAT(TimeZonesOfNumber("+447911123456"), IsSupersetOf({"Europe/London", "Europe/Jersey"}));
  EXPECT_THAT(TimeZonesOfNumber("+4915112345678"), Contains("Europe/Berlin"));
  EXPECT_THAT(TimeZonesOfNumber("+85291234567"), ElementsAre("Asia/Hong_Kong"));
}

TEST(NumberTimeZonesTest, WhatBelongsToNoCountryOrIsNoNumberTellsNothing) {
  for (const char* nowhere :
       {"+870123456789", "+88213300655", "+99912345", "", "+", "12125550100", "+0123", "+1212555010x"}) {
    EXPECT_THAT(TimeZonesOfNumber(nowhere), IsEmpty()) << nowhere;
  }
}

TEST(NumberTimeZonesTest, EveryZoneCanBeLoadedAndIsNamedOnce) {
  std::set<std::string_view> seen;
  for (const std::string_view name : TimeZonesOfNumbers()) {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone(ToAbsl(name), &zone)) << name;
    EXPECT_TRUE(seen.insert(name).second) << name;
  }
  EXPECT_GT(seen.size(), 200U);
}

TEST(NumberTimeZonesTest, ZonesComeInAlphabeticalOrderWhateverTheDigits) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = Concat("+", random() % 9 + 1, random() % 100'000'000'000);
    const std::vector<std::string_view> zones = TimeZonesOfNumber(number);
    ASSERT_TRUE(std::is_sorted(zones.begin(), zones.end())) << number;
    ASSERT_EQ(std::adjacent_find(zones.begin(), zones.end()), zones.end()) << number;
  }
}

}  // namespace
}  // namespace trunkline::telephony
