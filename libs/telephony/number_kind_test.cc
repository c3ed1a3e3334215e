#include "libs/telephony/number_kind.h"

#include <gtest/gtest.h>

namespace trunkline::telephony {
namespace {

TEST(NumberKind, PremiumAndSharedCostNumbersAreKnown) {
  EXPECT_EQ(KindOf("+19005550199"), NumberKind::kPremiumRate);
  EXPECT_EQ(KindOf("+449098790123"), NumberKind::kPremiumRate);
  EXPECT_EQ(KindOf("+491803123456"), NumberKind::kSharedCost);
}

TEST(NumberKind, OrdinaryNumbersAndUnknownRangesAreOrdinary) {
  EXPECT_EQ(KindOf("+12025550199"), NumberKind::kOrdinary);
  EXPECT_EQ(KindOf("+15550100002"), NumberKind::kOrdinary);
  // Begins with 112 after the country code, and is a line in Delhi.
  EXPECT_EQ(KindOf("+911123456789"), NumberKind::kOrdinary);
  EXPECT_EQ(KindOf("+88216123456"), NumberKind::kOrdinary);
  EXPECT_EQ(KindOf("no number"), NumberKind::kOrdinary);
}

TEST(NumberKind, EmergencyNumbersBehindACountryCodeAreKnown) {
  EXPECT_EQ(KindOf("+49112"), NumberKind::kEmergency);
  EXPECT_EQ(KindOf("+44999"), NumberKind::kEmergency);
  EXPECT_EQ(KindOf("+1911"), NumberKind::kEmergency);
}

TEST(NumberKind, TheCountryCodeIsMeasured) {
  EXPECT_EQ(CountryCodeDigits("+12025550199"), 1);
  EXPECT_EQ(CountryCodeDigits("+491803123456"), 2);
  EXPECT_EQ(CountryCodeDigits("+88216123456"), 3);
  EXPECT_EQ(CountryCodeDigits("no number"), 0);
}

}  // namespace
}  // namespace trunkline::telephony
