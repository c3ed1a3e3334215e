#include "services/call-tracking-sync/accounts/tracked_accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/clock.h"
#include "libs/tracking/built_in_platforms.h"

namespace trunkline::tracking_sync {
namespace {

TEST(TrackedAccountsTest, HoldsTheAccountsOfItsPlatformsAlone) {
  SystemClock clock;
  const tracking::Registry platforms = tracking::BuiltInPlatforms({.clock = &clock});
  TrackedAccounts accounts(platforms);
  EXPECT_EQ(accounts.Get(), nullptr);

  accounts.Set({{.id = "a", .provider = "retreaver"}, {.id = "b", .provider = "twilio"}});
  ASSERT_NE(accounts.Find("a"), nullptr);
  EXPECT_EQ(accounts.Find("a")->platform->Name(), "retreaver");
  EXPECT_EQ(accounts.Find("b"), nullptr);

  const TrackedAccountPtr held = accounts.Find("a");
  accounts.Set({});
  EXPECT_EQ(accounts.Find("a"), nullptr);
  EXPECT_EQ(held->account.id, "a") << "whoever holds an account may finish with it";
}

}  // namespace
}  // namespace trunkline::tracking_sync
