#include "services/gateway/api/channel_handler.h"

#include <gtest/gtest.h>

namespace trunkline::gateway {
namespace {

governor::v1::Usage UsageOf(int in_use, int ceiling) {
  governor::v1::Usage usage;
  auto* global = usage.add_levels();
  global->set_level(governor::v1::LEVEL_GLOBAL);
  global->set_in_use(49);
  auto* business = usage.add_levels();
  business->set_level(governor::v1::LEVEL_BUSINESS);
  business->set_subject_id("business");
  business->set_in_use(in_use);
  business->set_ceiling(ceiling);
  business->set_waiting(2);
  auto* campaign = usage.add_levels();
  campaign->set_level(governor::v1::LEVEL_CAMPAIGN);
  campaign->set_subject_id("campaign");
  campaign->set_in_use(1);
  auto* slot = usage.add_slots();
  slot->set_call_id("call");
  slot->set_kind(governor::v1::SLOT_KIND_INBOUND);
  slot->mutable_subject()->set_campaign_id("campaign");
  return usage;
}

TEST(ChannelsTest, UtilizationAndHealthAreOfTheBusiness) {
  EXPECT_EQ(ChannelsOf(UsageOf(8, 10), false).health(), control::v1::CHANNEL_HEALTH_GOOD);
  EXPECT_EQ(ChannelsOf(UsageOf(9, 10), false).health(), control::v1::CHANNEL_HEALTH_BUSY);
  const auto full = ChannelsOf(UsageOf(10, 10), false);
  EXPECT_EQ(full.health(), control::v1::CHANNEL_HEALTH_FULL);
  EXPECT_EQ(full.utilization(), 10'000);
  EXPECT_EQ(full.active(), 10);
  EXPECT_EQ(ChannelsOf(UsageOf(1, 3), false).utilization(), 3'333);
  EXPECT_EQ(ChannelsOf(UsageOf(0, 0), false).health(), control::v1::CHANNEL_HEALTH_FULL);
}

TEST(ChannelsTest, TheWholeDeploymentIsNotShownAndLevelsWithoutALimitHaveNone) {
  const auto channels = ChannelsOf(UsageOf(1, 10), false);
  ASSERT_EQ(channels.levels_size(), 2);
  EXPECT_EQ(channels.levels(0).level(), "business");
  EXPECT_EQ(channels.levels(0).waiting(), 2);
  EXPECT_EQ(channels.levels(1).level(), "campaign");
  EXPECT_EQ(channels.levels(1).subject_id(), "campaign");
  EXPECT_FALSE(channels.levels(1).has_limit());
  EXPECT_EQ(channels.calls_size(), 0);
}

TEST(ChannelsTest, CallsAreShownWhereAskedFor) {
  const auto channels = ChannelsOf(UsageOf(1, 10), true);
  ASSERT_EQ(channels.calls_size(), 1);
  EXPECT_EQ(channels.calls(0).call_id(), "call");
  EXPECT_TRUE(channels.calls(0).inbound());
}

}  // namespace
}  // namespace trunkline::gateway
