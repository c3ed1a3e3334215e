#include "services/gateway/accounts/destination_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace trunkline::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DestinationRule Allow(std::string prefix) { return {.prefix = std::move(prefix), .allows = true, .note = {}}; }
DestinationRule Block(std::string prefix) { return {.prefix = std::move(prefix), .allows = false, .note = {}}; }

const DestinationPolicy& Usual() {
  static const DestinationPolicy policy(*DestinationPolicy::ReadPrefixes(DestinationPolicy::kUsualHighRisk));
  return policy;
}

bool MayCall(std::string_view number, const std::vector<DestinationRule>& rules = {}) {
  return Usual().Check(number, rules).ok();
}

TEST(DestinationPolicy, OrdinaryNumbersNeedNoRule) {
  EXPECT_TRUE(MayCall("+12025550199"));
  EXPECT_TRUE(MayCall("+15550100002"));
  EXPECT_TRUE(MayCall("+911123456789"));
}

TEST(DestinationPolicy, TheLongestRuleDecides) {
  const std::vector rules = {Block("+"), Allow("+1"), Block("+1202"), Allow("+12025550199")};
  EXPECT_FALSE(MayCall("+442079460000", rules));
  EXPECT_TRUE(MayCall("+13125550100", rules));
  EXPECT_FALSE(MayCall("+12025550100", rules));
  EXPECT_TRUE(MayCall("+12025550199", rules));
}

TEST(DestinationPolicy, TheRefusalNamesTheRule) {
  const absl::Status status = Usual().Check("+12025550199", {Block("+1202")});
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(status), Reason::REASON_DESTINATION_BLOCKED);
  EXPECT_THAT(std::string(status.message()), HasSubstr("+1202"));
  EXPECT_THAT(std::string(Usual().Check("+88216123456", {}).message()), HasSubstr("+882"));
}

TEST(DestinationPolicy, PremiumRateNeedsARuleBeyondTheCountryCode) {
  EXPECT_FALSE(MayCall("+19005550199"));
  EXPECT_FALSE(MayCall("+19005550199", {Allow("+1")}));
  EXPECT_TRUE(MayCall("+19005550199", {Allow("+1900")}));
  EXPECT_FALSE(MayCall("+491803123456", {Allow("+49")}));
  EXPECT_TRUE(MayCall("+491803123456", {Allow("+491803")}));
}

TEST(DestinationPolicy, AHighRiskPrefixNeedsARuleOfItsLength) {
  EXPECT_FALSE(MayCall("+88216123456"));
  EXPECT_FALSE(MayCall("+88216123456", {Allow("+88")}));
  EXPECT_TRUE(MayCall("+88216123456", {Allow("+882")}));
  EXPECT_FALSE(MayCall("+88216123456", {Allow("+882"), Block("+88216")}));
}

TEST(DestinationPolicy, AnEmergencyNumberNeedsARuleOfItsOwn) {
  EXPECT_FALSE(MayCall("+49112"));
  EXPECT_FALSE(MayCall("+49112", {Allow("+49"), Allow("+4911")}));
  EXPECT_TRUE(MayCall("+49112", {Allow("+49112")}));
}

TEST(DestinationPolicy, PrefixesAreRead) {
  EXPECT_THAT(*DestinationPolicy::ReadPrefixes(" +881, +882 ,"), ElementsAre("+881", "+882"));
  EXPECT_TRUE(DestinationPolicy::ReadPrefixes("")->empty());
  for (const char* wrong : {"881", "+", "+88x", "+1234567890123456"}) {
    EXPECT_THAT(std::string(DestinationPolicy::ReadPrefixes(wrong).status().message()), HasSubstr("is no prefix"))
        << wrong;
  }
}

}  // namespace
}  // namespace trunkline::gateway
