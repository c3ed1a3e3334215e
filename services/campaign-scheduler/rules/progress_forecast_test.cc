#include "services/campaign-scheduler/rules/progress_forecast.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace trunkline::scheduler {
namespace {

const absl::Time kAsked = absl::FromUnixSeconds(1'800'000'000);

std::vector<PaceSample> Samples(const std::vector<int64_t>& finished) {
  std::vector<PaceSample> samples;
  for (const int64_t count : finished) samples.push_back({.length = absl::Minutes(5), .finished = count});
  return samples;
}

TEST(ProgressForecastTest, WhatIsLeftTakesAsLongAsItTookLately) {
  const std::vector<PaceSample> samples = Samples({50, 50, 50, 50});
  const Forecast forecast = ForecastCompletion({.now = kAsked, .remaining = 600, .samples = samples});
  EXPECT_DOUBLE_EQ(forecast.finished_per_minute, 10);
  EXPECT_EQ(forecast.expected, kAsked + absl::Hours(1));
  EXPECT_LT(*forecast.earliest, *forecast.expected);
  EXPECT_GT(*forecast.latest, *forecast.expected);
}

TEST(ProgressForecastTest, UnevenTimesMakeTheRangeWider) {
  const std::vector<PaceSample> even = Samples({50, 50, 50, 50});
  const std::vector<PaceSample> uneven = Samples({10, 90, 5, 95});
  const Forecast a = ForecastCompletion({.now = kAsked, .remaining = 600, .samples = even});
  const Forecast b = ForecastCompletion({.now = kAsked, .remaining = 600, .samples = uneven});
  EXPECT_EQ(a.expected, b.expected);
  EXPECT_GT(*b.latest - *b.earliest, *a.latest - *a.earliest);
}

TEST(ProgressForecastTest, NothingIsToldWhereNobodyWasFinishedLately) {
  const std::vector<PaceSample> samples = Samples({0, 0});
  const Forecast forecast = ForecastCompletion({.now = kAsked, .remaining = 10, .samples = samples});
  EXPECT_FALSE(forecast.expected.has_value());
  EXPECT_FALSE(ForecastCompletion({.now = kAsked, .remaining = 10}).expected.has_value());
}

TEST(ProgressForecastTest, WithNobodyLeftItIsDone) {
  EXPECT_EQ(ForecastCompletion({.now = kAsked, .remaining = 0}).expected, kAsked);
}

TEST(ProgressForecastTest, NobodyIsFinishedBeforeTheLastOneIsDue) {
  const std::vector<PaceSample> samples = Samples({50, 50});
  const Forecast forecast =
      ForecastCompletion({.now = kAsked, .remaining = 3, .last_due_at = kAsked + absl::Hours(9), .samples = samples});
  EXPECT_GE(*forecast.earliest, kAsked + absl::Hours(9));
}

TEST(ProgressForecastTest, WindowsStretchTheTime) {
  const std::vector<PaceSample> samples = Samples({50, 50});
  const Forecast forecast = ForecastCompletion({.now = kAsked, .remaining = 600, .samples = samples, .open_part = 0.5});
  EXPECT_EQ(forecast.expected, kAsked + absl::Hours(2));
}

TEST(ProgressForecastTest, WithLittleToGoByTheLatestIsNotTold) {
  const std::vector<PaceSample> samples = Samples({40, 0, 0, 0, 0, 1, 0, 0});
  const Forecast forecast = ForecastCompletion({.now = kAsked, .remaining = 2, .samples = samples});
  EXPECT_TRUE(forecast.expected.has_value());
  EXPECT_FALSE(forecast.latest.has_value());
}

// Four times out of five, for a campaign whose contacts are finished at random.
TEST(ProgressForecastTest, TheRangeHoldsAsOftenAsItSays) {
  std::mt19937 random(3);
  std::exponential_distribution<double> gap(0.2);  // a second
  int within = 0;
  constexpr int kCampaigns = 2'000;
  for (int round = 0; round < kCampaigns; ++round) {
    std::vector<PaceSample> samples(12, {.length = absl::Minutes(1)});
    double at = gap(random);
    for (; at < 720; at += gap(random)) ++samples[static_cast<size_t>(at / 60)].finished;
    double done = 0;
    for (int i = 0; i < 100; ++i) done += gap(random);
    const Forecast forecast = ForecastCompletion({.now = kAsked, .remaining = 100, .samples = samples});
    const absl::Time actual = kAsked + absl::Seconds(done);
    if (actual >= *forecast.earliest && (!forecast.latest.has_value() || actual <= *forecast.latest)) ++within;
  }
  EXPECT_NEAR(within / static_cast<double>(kCampaigns), 0.8, 0.06);
}

}  // namespace
}  // namespace trunkline::scheduler
