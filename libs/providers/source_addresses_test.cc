#include "libs/providers/source_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::providers {
namespace {

TEST(SourceAddressesTest, WithoutASettingWebhooksMayComeFromAnywhere) {
  EXPECT_TRUE(SourceAddresses::Parse("")->Allow("203.0.113.9"));
  EXPECT_TRUE(SourceAddresses::Parse("  ")->Allow("not an address"));
}

TEST(SourceAddressesTest, OnlyWhatIsListedIsAllowed) {
  const auto addresses = SourceAddresses::Parse("54.172.60.0/30, 198.51.100.7,2001:db8::/32");
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_TRUE(addresses->Allow("54.172.60.3"));
  EXPECT_TRUE(addresses->Allow("198.51.100.7"));
  EXPECT_TRUE(addresses->Allow("2001:db8::9"));
  EXPECT_FALSE(addresses->Allow("54.172.60.4"));
  EXPECT_FALSE(addresses->Allow("2001:db9::9"));
  EXPECT_FALSE(addresses->Allow(""));
  EXPECT_FALSE(addresses->Allow("unknown"));
}

TEST(SourceAddressesTest, AWrongEntryIsNamed) {
  for (const auto& [setting, wrong] :
       {std::pair("198.51.100.7,example.com", "\"example.com\""), std::pair("10.0.0.1/8", "\"10.0.0.1/8\""),
        std::pair("198.51.100.7,,10.0.0.0/8", "\"\""), std::pair("198.51.100.7,", "\"\"")}) {
    const auto addresses = SourceAddresses::Parse(setting);
    ASSERT_FALSE(addresses.ok()) << setting;
    EXPECT_EQ(addresses.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(addresses.status().message()), ::testing::HasSubstr(wrong));
  }
}

TEST(SourceAddressesTest, NowhereAllowsNothing) { EXPECT_FALSE(SourceAddresses::Nowhere().Allow("198.51.100.7")); }

}  // namespace
}  // namespace trunkline::providers
