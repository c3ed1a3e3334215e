#include "services/call-tracking-sync/accounts/tracked_accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/tracking/built_in_platforms.h"

namespace trunkline::tracking_sync {
namespace {

TEST(TrackedAccountsTest, HoldsTheAccountsOfItsPlatformsAlone) {
  SystemClock clock;
  const tracking::Registry platforms = tracking::BuiltInPlatforms({.clock = &clock});
  trunkline::accounts::AccountDirectory directory;
  const TrackedAccounts accounts(platforms, directory);
  EXPECT_EQ(accounts.Get(), nullptr);

  const auto tell = [&](std::vector<tracking::Account> all) {
    directory.Set(std::make_shared<const trunkline::accounts::AccountSnapshot>(std::move(all)));
  };
  tell({{.id = "a", .provider = "retreaver"}, {.id = "b", .provider = "twilio"}});
  ASSERT_NE(accounts.Find("a"), nullptr);
  EXPECT_EQ(accounts.Find("a")->platform->Name(), "retreaver");
  EXPECT_EQ(accounts.Find("b"), nullptr);

  const TrackedAccountPtr held = accounts.Find("a");
  tell({});
  EXPECT_EQ(accounts.Find("a"), nullptr);
  EXPECT_EQ(held->account.id, "a") << "whoever holds an account may finish with it";
}

}  // namespace
}  // namespace trunkline::tracking_sync
