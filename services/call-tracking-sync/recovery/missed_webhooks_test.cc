#include "services/call-tracking-sync/recovery/missed_webhooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kFrom = absl::FromUnixSeconds(1'780'000'000);
const absl::Time kTo = kFrom + absl::Hours(1);

absl::Time At(int minute) { return kFrom + absl::Minutes(minute); }

// A call ends each minute; "+" was told, "-" was not.
std::vector<EndedCall> Calls(std::string_view told) {
  std::vector<EndedCall> calls;
  for (size_t i = 0; i < told.size(); ++i) {
    calls.push_back({.ended_at = At(static_cast<int>(i) + 1), .was_told = told[i] == '+'});
  }
  return calls;
}

std::vector<RecoveryRange> Ranges(std::string_view told) { return RangesToRecover(Calls(told), kFrom, kTo, {}); }

TEST(MissedWebhooksTest, NothingIsRecoveredWhereAllWereToldOrNothingHappened) {
  EXPECT_THAT(Ranges("++++++++"), IsEmpty());
  EXPECT_THAT(Ranges(""), IsEmpty());
}

TEST(MissedWebhooksTest, OfManyCallsFewerThanNineteenInTwentyAreTooFew) {
  EXPECT_THAT(Ranges("-+++++++++++++++++++"), IsEmpty()) << "20 calls say nothing of a share";
  EXPECT_THAT(Ranges("-+++++++++++++++++++++++++++++++++++++++"), IsEmpty()) << "39 of 40 were told";
  EXPECT_THAT(Ranges("-++++++++++-++++++++++-+++++++++"),
              ElementsAre(RecoveryRange{kFrom - absl::Minutes(15), kTo + absl::Minutes(15)}));
}

TEST(MissedWebhooksTest, AGapReachesFromTheLastThatWasToldToTheNext) {
  EXPECT_THAT(Ranges("++---++"), ElementsAre(RecoveryRange{At(2) - absl::Minutes(15), At(6) + absl::Minutes(15)}));
  EXPECT_THAT(Ranges("++--++"), IsEmpty()) << "two in a row may be chance";
}

TEST(MissedWebhooksTest, AGapAtTheEndReachesToTheEnd) {
  EXPECT_THAT(Ranges("++---"), ElementsAre(RecoveryRange{At(2) - absl::Minutes(15), kTo + absl::Minutes(15)}));
  EXPECT_THAT(Ranges("---"), ElementsAre(RecoveryRange{kFrom - absl::Minutes(15), kTo + absl::Minutes(15)}));
}

TEST(MissedWebhooksTest, ThreeCallsThatEndAtOnceAreNoGap) {
  std::vector<EndedCall> calls;
  for (int i = 0; i < 5; ++i) {
    calls.push_back({.ended_at = At(30) + absl::Seconds(i), .was_told = i == 0 || i == 4});
  }
  EXPECT_THAT(RangesToRecover(calls, kFrom, kTo, {}), IsEmpty());
}

TEST(MissedWebhooksTest, GapsWhoseMarginsMeetAreOne) {
  EXPECT_THAT(Ranges("+---+++---+"), ElementsAre(RecoveryRange{At(1) - absl::Minutes(15), At(11) + absl::Minutes(15)}));
  const std::vector<RecoveryRange> apart = RangesToRecover({{At(1), true},
                                                            {At(2)},
                                                            {At(3)},
                                                            {At(4)},
                                                            {At(5), true},
                                                            {At(50), true},
                                                            {At(51)},
                                                            {At(52)},
                                                            {At(53)},
                                                            {At(54), true}},
                                                           kFrom, kTo, {});
  EXPECT_EQ(apart.size(), 2);
}

}  // namespace
}  // namespace trunkline::tracking_sync
