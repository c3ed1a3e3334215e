#include "services/call-tracking-sync/budget/account_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::tracking_sync {
namespace {

using tracking::Resource;
using tracking::SentRequest;
namespace v1 = tracking::v1;

class AccountBudgetTest : public testing::Test {
 protected:
  static ResourceLimits Limits() {
    ResourceLimits limits;
    limits.fill({.per_second = 100, .in_flight = 2});
    return limits;
  }
  SentRequest Answered(v1::TrackingErrorCode error = v1::TRACKING_ERROR_CODE_UNSPECIFIED) const {
    return {.platform = "p", .account_id = "a", .resource = Resource::kCallList, .error = error};
  }
  absl::Time Earliest() const { return budget_.EarliestAt(now_, Resource::kCallList, Priority::kIncremental); }
  void Ask(v1::TrackingErrorCode error) {
    budget_.Send(now_, Resource::kCallList, Priority::kIncremental);
    budget_.Answer(now_, Answered(error));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'772'460'000);
  AccountBudget budget_{Limits(), absl::ZeroDuration()};
};

TEST_F(AccountBudgetTest, NoMoreAreUnderWayThanThePlatformTakes) {
  budget_.Send(now_, Resource::kCallList, Priority::kIncremental);
  EXPECT_TRUE(budget_.HasRoom(Resource::kCallList));
  budget_.Send(now_, Resource::kCallList, Priority::kIncremental);
  EXPECT_FALSE(budget_.HasRoom(Resource::kCallList));
  EXPECT_TRUE(budget_.HasRoom(Resource::kReport));
  budget_.Answer(now_, Answered());
  EXPECT_TRUE(budget_.HasRoom(Resource::kCallList));
}

TEST_F(AccountBudgetTest, APlatformThatWantsToBeLeftAloneIs) {
  SentRequest refused = Answered(v1::TRACKING_ERROR_CODE_RATE_LIMITED);
  refused.retry_after = absl::Seconds(90);
  EXPECT_TRUE(budget_.Answer(now_, refused)) << "the next owner must know";
  EXPECT_EQ(Earliest(), now_ + absl::Seconds(90));
  EXPECT_EQ(budget_.EarliestAt(now_, Resource::kReport, Priority::kIncremental), now_);
}

TEST_F(AccountBudgetTest, EachRefusalHalvesThePaceWhichComesBackByATenthAMinute) {
  Ask(v1::TRACKING_ERROR_CODE_RATE_LIMITED);
  EXPECT_DOUBLE_EQ(budget_.allowance(now_).pace[0], 0.5);
  Ask(v1::TRACKING_ERROR_CODE_RATE_LIMITED);
  EXPECT_DOUBLE_EQ(budget_.allowance(now_).pace[0], 0.25);
  now_ += absl::Minutes(5);
  EXPECT_DOUBLE_EQ(budget_.allowance(now_).pace[0], 0.75);
  now_ += absl::Minutes(5);
  EXPECT_DOUBLE_EQ(budget_.allowance(now_).pace[0], 1);
}

TEST_F(AccountBudgetTest, AfterFiveFailuresInARowThePlatformIsLeftAloneForLongerAndLonger) {
  for (int i = 0; i < 4; ++i) Ask(v1::TRACKING_ERROR_CODE_TIMEOUT);
  EXPECT_EQ(Earliest(), now_);
  Ask(v1::TRACKING_ERROR_CODE_SERVER_ERROR);
  EXPECT_EQ(Earliest(), now_ + absl::Seconds(30));
  now_ += absl::Seconds(30);
  budget_.Send(now_, Resource::kCallList, Priority::kIncremental);
  EXPECT_FALSE(budget_.HasRoom(Resource::kReport)) << "one request finds out whether it answers again";
  budget_.Answer(now_, Answered(v1::TRACKING_ERROR_CODE_NETWORK));
  EXPECT_EQ(Earliest(), now_ + absl::Seconds(60));
  now_ += absl::Seconds(60);
  Ask(v1::TRACKING_ERROR_CODE_UNSPECIFIED);
  EXPECT_EQ(Earliest(), now_);
  Ask(v1::TRACKING_ERROR_CODE_TIMEOUT);
  EXPECT_EQ(Earliest(), now_);
}

TEST_F(AccountBudgetTest, RefusedCredentialsAreNotTriedAgainUntilTheyChange) {
  budget_.SetCredentials("old");
  budget_.RefuseCredentials();
  EXPECT_EQ(Earliest(), absl::InfiniteFuture());
  budget_.SetCredentials("new");
  EXPECT_EQ(Earliest(), now_);
}

TEST_F(AccountBudgetTest, WhatOneOwnerLearnedTheNextOneKnows) {
  for (int i = 0; i < 5; ++i) Ask(v1::TRACKING_ERROR_CODE_TIMEOUT);
  AccountBudget next(Limits(), absl::ZeroDuration());
  next.Restore({}, budget_.allowance(now_));
  EXPECT_EQ(next.EarliestAt(now_, Resource::kCallList, Priority::kIncremental), Earliest());
  EXPECT_EQ(next.allowance(now_), budget_.allowance(now_));
}

}  // namespace
}  // namespace trunkline::tracking_sync
