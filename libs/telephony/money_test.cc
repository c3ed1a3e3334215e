#include "libs/telephony/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace trunkline::telephony {
namespace {

TEST(MoneyTest, ReadsDecimalsExactly) {
  EXPECT_EQ(ParseMicros("0.0085"), 8500);
  EXPECT_EQ(ParseMicros("-0.03000"), -30000);
  EXPECT_EQ(ParseMicros("12"), 12'000'000);
  EXPECT_EQ(ParseMicros("1.0000000000"), 1'000'000);
  for (const char* text : {"", "-", ".5", "1.", "1e3", "0.0000001", "1,5", " 1", "--1", "99999999999999999999"}) {
    EXPECT_EQ(ParseMicros(text), std::nullopt) << text;
  }
}

TEST(MoneyTest, CurrenciesHaveThreeLetters) {
  EXPECT_EQ(ParseMoney("1", "usd")->currency(), "USD");
  EXPECT_FALSE(ParseMoney("1", "US").has_value());
  EXPECT_FALSE(ParseMoney("1", "U$D").has_value());
}

TEST(MoneyTest, WritesWhatItReads) {
  EXPECT_EQ(FormatMicros(8500), "0.0085");
  EXPECT_EQ(FormatMicros(-1'500'000), "-1.50");
  EXPECT_EQ(FormatMicros(0), "0.00");
  EXPECT_EQ(FormatMicros(std::numeric_limits<int64_t>::min()), "-9223372036854.775808");
}

}  // namespace
}  // namespace trunkline::telephony
