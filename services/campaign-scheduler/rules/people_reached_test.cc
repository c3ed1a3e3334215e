#include "services/campaign-scheduler/rules/people_reached.h"

#include <gtest/gtest.h>

#include <random>

namespace trunkline::scheduler {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);  // on the hour

TEST(PeopleReachedTest, ThreePercentIsAllowedAndMoreIsNot) {
  const AbandonLimit limit;
  EXPECT_TRUE(IsWithin(limit, {.reached = 100, .abandoned = 3}));
  EXPECT_FALSE(IsWithin(limit, {.reached = 100, .abandoned = 4}));
  EXPECT_TRUE(IsWithin(limit, {.reached = 1'000, .abandoned = 30}));
  EXPECT_FALSE(IsWithin(limit, {.reached = 999, .abandoned = 30}));
}

TEST(PeopleReachedTest, TheRateCountsOnlyOnceEnoughPeopleWereReached) {
  EXPECT_TRUE(IsWithin({}, {.reached = 99, .abandoned = 50}));
  EXPECT_FALSE(IsWithin({}, {.reached = 100, .abandoned = 50}));
}

TEST(PeopleReachedTest, CountsThatCannotBeAndLimitsThatCannotBeReadForbid) {
  EXPECT_FALSE(IsWithin({}, {.reached = 10, .abandoned = 11}));
  EXPECT_FALSE(IsWithin({}, {.reached = -1, .abandoned = 0}));
  EXPECT_FALSE(IsWithin({.max_rate = -1}, {}));
  EXPECT_EQ(PeopleReached().NextWithin({.max_rate = -1}, kNow), absl::InfiniteFuture());
}

TEST(PeopleReachedTest, AnHourCountsAsLongAsAPartOfItLiesWithinThePeriod) {
  PeopleReached people;
  people.Note(kNow + absl::Minutes(20), {.reached = 100, .abandoned = 50});
  const absl::Time over = kNow + absl::Hours(1) + absl::Hours(24);
  EXPECT_EQ(people.Within(kShortAbandonPeriod, over - absl::Seconds(1)).reached, 100);
  EXPECT_EQ(people.Within(kShortAbandonPeriod, over).reached, 0);
  EXPECT_EQ(people.Within(kLongAbandonPeriod, over).reached, 100);
}

TEST(PeopleReachedTest, BothPeriodsHaveToBeWithinTheLimit) {
  PeopleReached people;
  people.Note(kNow - absl::Hours(48), {.reached = 200, .abandoned = 8});
  EXPECT_EQ(people.NextWithin({}, kNow), kNow - absl::Hours(48) + absl::Hours(1) + kLongAbandonPeriod);
  people.Note(kNow - absl::Hours(50), {.reached = 200, .abandoned = 4});
  EXPECT_EQ(people.NextWithin({}, kNow), kNow) << "12 of 400";
}

// Good hours may leave before bad ones: that the rate is low once does not mean that it stays low.
TEST(PeopleReachedTest, TheNextTimeIsTheFirstAtWhichTheRateIsLowEnough) {
  std::mt19937 random(20'261'130);
  for (int round = 0; round < 50; ++round) {
    PeopleReached people;
    for (int i = 0; i < 40; ++i) {
      const int64_t reached = static_cast<int64_t>(random() % 100);
      people.Note(
          kNow - absl::Hours(static_cast<int64_t>(random() % 800)),
          {.reached = reached, .abandoned = reached == 0 ? 0 : static_cast<int64_t>(random() % 8) * reached / 100});
    }
    const absl::Time next = people.NextWithin({}, kNow);
    for (absl::Time at = kNow; at <= next; at += absl::Hours(1)) {
      const bool within =
          IsWithin({}, people.Within(kShortAbandonPeriod, at)) && IsWithin({}, people.Within(kLongAbandonPeriod, at));
      ASSERT_EQ(within, at == next) << "round " << round;
    }
  }
}

TEST(PeopleReachedTest, TrimmingChangesNothingThatCounts) {
  PeopleReached people;
  for (int hour = 0; hour < 1'000; ++hour) people.Note(kNow - absl::Hours(hour), {.reached = 1, .abandoned = 0});
  const ReachedCount before = people.Within(kLongAbandonPeriod, kNow);
  people.Trim(kNow);
  EXPECT_EQ(people.Within(kLongAbandonPeriod, kNow).reached, before.reached);
  EXPECT_EQ(people.Within(absl::Hours(24 * 40), kNow).reached, before.reached);
}

}  // namespace
}  // namespace trunkline::scheduler
