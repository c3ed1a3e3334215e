// Single values of the wire: amounts, times, phone numbers, durations, flags.
#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking {
namespace {

TEST(AmountTest, IsReadFromItsDigits) {
  const std::pair<const char*, int64_t> kAmounts[] = {{"32.5", 325'000},
                                                      {"25", 250'000},
                                                      {"-0.08", -800},
                                                      {"$1,250.00", 12'500'000},
                                                      {"+3", 30'000},
                                                      {".5", 5'000},
                                                      {"7.", 70'000},
                                                      {"  12.30 ", 123'000},
                                                      {"0.00005", 0},
                                                      {"0.00015", 2},
                                                      {"0.00025", 2},
                                                      {"0.000251", 3},
                                                      {"-0.00015", -2},
                                                      {"0.00004999", 0},
                                                      {"0.99995", 10'000},
                                                      {"999999999999", 9'999'999'999'990'000},
                                                      {"0000000000000.10", 1000},
                                                      {"1,234,567.8901", 12'345'678'901}};
  for (const auto& [text, amount] : kAmounts) EXPECT_EQ(ParseAmount(text), amount) << text;
}

TEST(AmountTest, WhatIsNoAmountIsUnknown) {
  for (const char* text : {"", "  ", "-", "$", ".", "1e3", "NaN", "Infinity", "12.3.4", "1,23", "1,2345", "12,", "0x10",
                           "9999999999999", "--1", "USD 5", "5 USD", "1.2-"}) {
    EXPECT_EQ(ParseAmount(text), std::nullopt) << text;
  }
}

TEST(AmountTest, HasFourDecimals) {
  EXPECT_EQ(FormatAmount(325'000), "32.5000");
  EXPECT_EQ(FormatAmount(-800), "-0.0800");
  EXPECT_EQ(FormatAmount(0), "0.0000");
  EXPECT_EQ(ToMoney(3400, "USD").micros(), 340'000);
}

TEST(WireTimeTest, EveryFormOfThePlatforms) {
  const std::pair<const char*, const char*> kTimes[] = {{"2026-03-02T14:05:11.204Z", "2026-03-02T14:05:11.204Z"},
                                                        {"2026-02-11T12:29:40Z", "2026-02-11T12:29:40.000Z"},
                                                        {"2026-03-02T09:05:11.204-05:00", "2026-03-02T14:05:11.204Z"},
                                                        {"2026-03-02 14:00:00 +0000", "2026-03-02T14:00:00.000Z"},
                                                        {"2026-03-02 09:00:00 -0500", "2026-03-02T14:00:00.000Z"},
                                                        {"2026-03-02 14:00:00 UTC", "2026-03-02T14:00:00.000Z"},
                                                        {"2026-03-02T14:05:20.9811491Z", "2026-03-02T14:05:20.981Z"},
                                                        {"03/02/2026 02:05:11 PM", "2026-03-02T14:05:11.000Z"},
                                                        {"1772460311204", "2026-03-02T14:05:11.204Z"}};
  for (const auto& [text, expected] : kTimes) {
    const WireTime read = ParseTime(text);
    ASSERT_TRUE(read.time.has_value()) << text;
    EXPECT_EQ(FormatMilliseconds(*read.time), expected) << text;
    EXPECT_FALSE(read.is_naive) << text;
  }
}

TEST(WireTimeTest, WithoutAnOffsetItIsTakenForUtcAndRemarked) {
  const WireTime read = ParseTime("2026-03-02T14:05:11");
  ASSERT_TRUE(read.time.has_value());
  EXPECT_TRUE(read.is_naive);
}

TEST(WireTimeTest, TheYearOneAndWhatIsNoTimeAreNone) {
  for (const char* text : {"0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "", "soon", "1772460311", "infinite-future",
                           "2026-13-02T00:00:00Z", "2026-03-02", "99999999999999999999"}) {
    EXPECT_FALSE(ParseTime(text).time.has_value()) << text;
  }
}

TEST(PhoneTest, NumbersBecomeE164) {
  const std::pair<const char*, const char*> kPhones[] = {{"+12025550143", "+12025550143"},
                                                         {"2025550143", "+12025550143"},
                                                         {"12025550143", "+12025550143"},
                                                         {" 12025550143", "+12025550143"},
                                                         {"(202) 555-0143", "+12025550143"},
                                                         {"+44 20 7946 0018", "+442079460018"},
                                                         {"sip:desk@example.com", "sip:desk@example.com"}};
  for (const auto& [text, expected] : kPhones) EXPECT_EQ(ParsePhone(text), expected) << text;
}

TEST(PhoneTest, WithheldCallersAreNone) {
  for (const char* text : {"anonymous", "Restricted", "unavailable", "unknown", "", "  ", "266696687", "+266696687",
                           "123456", "null", "[caller_number]", "-no value-"}) {
    EXPECT_EQ(ParsePhone(text), std::nullopt) << text;
  }
}

TEST(SecondsTest, AreWhole) {
  EXPECT_EQ(ParseSeconds("214"), 214);
  EXPECT_EQ(ParseSeconds("12.0"), 12);
  EXPECT_EQ(ParseSeconds("00:03:34"), 214);
  for (const char* text : {"", "-1", "12.x", "1:2", "abc", "99999999999", "::"}) {
    EXPECT_EQ(ParseSeconds(text), std::nullopt) << text;
  }
}

TEST(FlagTest, LabelsAreBooleans) {
  for (const char* text : {"true", "Yes", "on", "1", "Converted", "Repeat", " TRUE "}) EXPECT_EQ(ParseFlag(text), true);
  for (const char* text : {"false", "No", "off", "0", "", "Not converted", "Did not convert", "null"}) {
    EXPECT_EQ(ParseFlag(text), false) << text;
  }
  EXPECT_EQ(ParseFlag("perhaps"), std::nullopt);
}

TEST(PlaceholderTest, TokensThatWereNotReplacedAreNone) {
  for (const char* text : {"[call_uuid]", "{{uuid}}", "-no value-", "undefined", "[Call:InboundCallId]"}) {
    EXPECT_TRUE(IsPlaceholder(text)) << text;
  }
  for (const char* text : {"[a] and [b]", "x[call]", "[]x", "0"}) EXPECT_FALSE(IsPlaceholder(text)) << text;
  EXPECT_EQ(ToText(std::string(999, 'a') + "\xc3\xa9"), std::string(999, 'a'));
}

}  // namespace
}  // namespace trunkline::tracking
