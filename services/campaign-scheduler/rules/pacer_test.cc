#include "services/campaign-scheduler/rules/pacer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <random>

#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kNone;

v1::Pacing PacingOf(int per_second, int per_minute, std::optional<absl::Duration> spacing = std::nullopt) {
  v1::Pacing pacing;
  pacing.set_calls_per_second(per_second);
  pacing.set_calls_per_minute(per_minute);
  if (spacing.has_value()) *pacing.mutable_call_spacing() = telephony::ToProto(*spacing);
  return pacing;
}

// Admits and commits as fast as the pacer lets it, looking every `step`.
std::vector<absl::Time> Drive(Pacer& pacer, absl::Time from, absl::Duration time, absl::Duration step) {
  std::vector<absl::Time> begun;
  for (absl::Time now = from; now < from + time; now += step) {
    const int admitted = pacer.Admit(now, 10'000);
    if (admitted > 0) pacer.Begun(now, admitted);
    begun.insert(begun.end(), static_cast<size_t>(admitted), now);
  }
  return begun;
}

int MostInAny(const std::vector<absl::Time>& begun, absl::Duration length) {
  size_t most = 0;
  size_t first = 0;
  for (size_t last = 0; last < begun.size(); ++last) {
    while (begun[first] <= begun[last] - length) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<int>(most);
}

TEST(PacerTest, WithoutLimitsEveryoneMayBegin) {
  Pacer pacer({}, kNone, kStart);
  EXPECT_EQ(pacer.Admit(kStart, 5'000), 5'000);
  EXPECT_EQ(pacer.NextAdmission(kStart), kStart);
  EXPECT_TRUE(std::isinf(pacer.SpeedAt(kStart)));
}

TEST(PacerTest, NoSecondAndNoMinuteHasMoreCallsThanAllowed) {
  Pacer pacer(PacingOf(5, 100), kNone, kStart);
  const std::vector<absl::Time> begun = Drive(pacer, kStart, absl::Minutes(3), absl::Milliseconds(70));
  EXPECT_EQ(MostInAny(begun, absl::Seconds(1)), 5);
  EXPECT_EQ(MostInAny(begun, absl::Minutes(1)), 100);
  EXPECT_GE(begun.size(), 300U) << "and what is allowed is used";
}

TEST(PacerTest, TwoCallsAreNeverCloserThanTheSpacing) {
  Pacer pacer(PacingOf(0, 0, absl::Milliseconds(1'500)), absl::Seconds(6), kStart);
  const std::vector<absl::Time> begun = Drive(pacer, kStart, absl::Seconds(60), absl::Milliseconds(100));
  ASSERT_EQ(begun.size(), 40U);
  for (size_t i = 1; i < begun.size(); ++i) EXPECT_GE(begun[i] - begun[i - 1], absl::Milliseconds(1'500));
}

TEST(PacerTest, TheUsualSpacingHoldsUnlessTheCampaignSaysOtherwise) {
  Pacer usual({}, absl::Seconds(6), kStart);
  EXPECT_EQ(Drive(usual, kStart, absl::Seconds(60), absl::Seconds(1)).size(), 10U);
  Pacer none(PacingOf(2, 0, absl::ZeroDuration()), absl::Seconds(6), kStart);
  EXPECT_EQ(none.Admit(kStart, 10), 2);
}

TEST(PacerTest, WhatIsUnderWayCountsAsIfItBeganNow) {
  Pacer pacer(PacingOf(3, 0), kNone, kStart);
  EXPECT_EQ(pacer.Admit(kStart, 10), 3);
  EXPECT_EQ(pacer.NextAdmission(kStart), absl::InfiniteFuture());
  EXPECT_EQ(pacer.Admit(kStart + absl::Minutes(5), 10), 0) << "they may begin at any time";
  pacer.Begun(kStart + absl::Minutes(5), 2);
  EXPECT_EQ(pacer.Admit(kStart + absl::Minutes(5), 10), 0);
  EXPECT_EQ(pacer.NextAdmission(kStart + absl::Minutes(5)), kStart + absl::Minutes(5) + absl::Seconds(1));
  pacer.Returned(1);
  EXPECT_EQ(pacer.Admit(kStart + absl::Minutes(5), 10), 1);
}

TEST(PacerTest, WithASpacingOneAtATimeIsUnderWay) {
  Pacer pacer(PacingOf(0, 0, absl::Seconds(2)), kNone, kStart);
  EXPECT_EQ(pacer.Admit(kStart, 10), 1);
  EXPECT_EQ(pacer.NextAdmission(kStart), absl::InfiniteFuture());
  pacer.Begun(kStart + absl::Seconds(4));
  EXPECT_EQ(pacer.NextAdmission(kStart + absl::Seconds(4)), kStart + absl::Seconds(6));
  EXPECT_EQ(pacer.Admit(kStart + absl::Seconds(6) - absl::Microseconds(1), 1), 0);
  EXPECT_EQ(pacer.Admit(kStart + absl::Seconds(6), 1), 1);
  pacer.Returned(1);
  EXPECT_EQ(pacer.Admit(kStart + absl::Seconds(6), 1), 1) << "one that was put back keeps nobody waiting";
}

TEST(PacerTest, ANewOwnerGoesOnWhereTheOldOneStopped) {
  Pacer pacer(PacingOf(0, 10, absl::Seconds(3)), kNone, kStart - absl::Hours(1));
  for (int i = 9; i >= 0; --i) pacer.Begun(kStart - absl::Seconds(4 * i));
  EXPECT_EQ(pacer.NextAdmission(kStart + absl::Seconds(1)), kStart - absl::Seconds(36) + absl::Minutes(1));
}

TEST(PacerTest, TheVeryLastCallCountsHoweverLongTheSpacingIs) {
  Pacer pacer(PacingOf(0, 0, absl::Minutes(30)), kNone, kStart);
  pacer.Begun(kStart);
  EXPECT_EQ(pacer.Admit(kStart + absl::Minutes(29), 1), 0);
  EXPECT_EQ(pacer.Admit(kStart + absl::Minutes(30), 1), 1);
}

TEST(PacerTest, NewSettingsCountWhatHasBegun) {
  Pacer pacer(PacingOf(10, 0), kNone, kStart);
  pacer.Begun(kStart, pacer.Admit(kStart, 10));
  pacer.Change(PacingOf(0, 12), kNone);
  EXPECT_EQ(pacer.Admit(kStart + absl::Seconds(30), 100), 2);
}

TEST(PacerTest, AClockThatGoesBackLetsNobodyPassEarlier) {
  Pacer pacer(PacingOf(1, 0), kNone, kStart);
  pacer.Begun(kStart, pacer.Admit(kStart, 1));
  EXPECT_EQ(pacer.Admit(kStart - absl::Hours(1), 1), 0);
  pacer.Begun(kStart - absl::Hours(1), 0);
  EXPECT_EQ(pacer.NextAdmission(kStart - absl::Hours(1)), kStart + absl::Seconds(1));
}

TEST(PacerTest, TheSpeedGrowsEvenlyOverTheRamp) {
  v1::Pacing pacing = PacingOf(10, 0);
  pacing.mutable_ramp_up()->set_seconds(60);
  Pacer pacer(pacing, kNone, kStart);
  EXPECT_DOUBLE_EQ(pacer.SpeedAt(kStart), 0);
  EXPECT_DOUBLE_EQ(pacer.SpeedAt(kStart + absl::Seconds(30)), 5);
  EXPECT_DOUBLE_EQ(pacer.SpeedAt(kStart + absl::Seconds(60)), 10);
  EXPECT_EQ(pacer.Admit(kStart, 10), 0);
  const std::vector<absl::Time> begun = Drive(pacer, kStart, absl::Seconds(90), absl::Milliseconds(25));
  const auto until = [&](int seconds) {
    return std::count_if(begun.begin(), begun.end(),
                         [&](absl::Time at) { return at < kStart + absl::Seconds(seconds); });
  };
  EXPECT_NEAR(static_cast<double>(until(15)), 10 * 15 * 15 / 120.0, 2);
  EXPECT_NEAR(static_cast<double>(until(30)), 10 * 30 * 30 / 120.0, 2);
  EXPECT_NEAR(static_cast<double>(until(60)), 10 * 60 / 2.0, 4);
  EXPECT_NEAR(static_cast<double>(until(90) - until(60)), 10 * 30, 10);
}

TEST(PacerTest, WhatTheRampLetAndNobodyUsedIsNotMadeUpFor) {
  v1::Pacing pacing = PacingOf(10, 0);
  pacing.mutable_ramp_up()->set_seconds(100);
  Pacer pacer(pacing, kNone, kStart);
  const std::vector<absl::Time> begun =
      Drive(pacer, kStart + absl::Seconds(50), absl::Seconds(10), absl::Milliseconds(10));
  EXPECT_LE(MostInAny(begun, absl::Seconds(1)), 10);
  EXPECT_LE(begun.size(), 5U + 55U + 2U) << "a second's worth at most, and the ramp from there on";
}

TEST(PacerTest, AResumeRampsUpAnew) {
  v1::Pacing pacing = PacingOf(10, 0);
  pacing.mutable_ramp_up()->set_seconds(60);
  Pacer pacer(pacing, kNone, kStart - absl::Hours(1));
  EXPECT_EQ(pacer.Admit(kStart, 100), 10);
  pacer.Begun(kStart, 10);
  pacer.Resume(kStart + absl::Seconds(10));
  EXPECT_EQ(pacer.Admit(kStart + absl::Seconds(10), 100), 0);
  EXPECT_DOUBLE_EQ(pacer.SpeedAt(kStart + absl::Seconds(40)), 5);
}

// Commits come late, in any order, and some are put back: no window ever holds more.
TEST(PacerTest, LimitsHoldWheneverTheCommitsAreMade) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    const int per_second = static_cast<int>(random() % 4);
    const int per_minute = static_cast<int>(random() % 40);
    const absl::Duration spacing = absl::Milliseconds(static_cast<int>(random() % 3) * 400);
    v1::Pacing pacing = PacingOf(per_second, per_minute, spacing);
    if (random() % 3 == 0) pacing.mutable_ramp_up()->set_seconds(30);
    Pacer pacer(pacing, kNone, kStart);
    std::vector<absl::Time> begun;
    int waiting = 0;
    for (absl::Time now = kStart; now < kStart + absl::Minutes(3);
         now += absl::Milliseconds(static_cast<int>(random() % 120))) {
      waiting += pacer.Admit(now, static_cast<int>(random() % 4));
      const absl::Time next = pacer.NextAdmission(now);
      ASSERT_GE(next, now);
      while (waiting > 0 && random() % 3 != 0) {
        --waiting;
        if (random() % 5 == 0) {
          pacer.Returned(1);
        } else {
          pacer.Begun(now);
          begun.push_back(now);
        }
      }
      ASSERT_EQ(pacer.under_way(), waiting);
    }
    ASSERT_TRUE(per_second == 0 || MostInAny(begun, absl::Seconds(1)) <= per_second);
    ASSERT_TRUE(per_minute == 0 || MostInAny(begun, absl::Minutes(1)) <= per_minute);
    if (spacing > kNone) {
      for (size_t i = 1; i < begun.size(); ++i) ASSERT_GE(begun[i] - begun[i - 1], spacing);
    }
    ASSERT_GT(begun.size(), 1U);
  }
}

// NextAdmission tells the truth: one microsecond earlier nobody is admitted, at that time somebody is.
TEST(PacerTest, TheNextAdmissionIsTheFirst) {
  std::mt19937 random(5);
  v1::Pacing pacing = PacingOf(3, 50);
  pacing.mutable_ramp_up()->set_seconds(40);
  Pacer pacer(pacing, kNone, kStart);
  absl::Time now = kStart;
  for (int i = 0; i < 200; ++i) {
    const absl::Time next = pacer.NextAdmission(now);
    ASSERT_TRUE(next == now || pacer.Admit(next - absl::Microseconds(2), 1) == 0) << i;
    ASSERT_EQ(pacer.Admit(next, 1), 1) << i;
    pacer.Begun(next);
    now = next + absl::Milliseconds(static_cast<int>(random() % 300));
  }
}

}  // namespace
}  // namespace trunkline::scheduler
