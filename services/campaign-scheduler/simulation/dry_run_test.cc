#include "services/campaign-scheduler/simulation/dry_run.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline::scheduler {
namespace {

// A Monday, 09:00 in New York.
const absl::Time kMorning = absl::FromUnixSeconds(1'796'047'200);

DryRun SmallRun(int contacts) {
  DryRun wanted{.begin = kMorning, .usual_spacing = absl::ZeroDuration(), .runs = 5};
  wanted.settings.mutable_plan()->add_verbs()->mutable_say()->set_text("Hello");
  wanted.settings.mutable_retries()->set_max_attempts(3);
  for (int i = 0; i < contacts; ++i) wanted.contacts.emplace_back().set_number(Concat("+1212", 5'550'000 + i));
  return wanted;
}

TEST(DryRunTest, EveryoneIsFinishedAndCounted) {
  const DryRunForecast forecast = Forecast(SmallRun(60));
  EXPECT_EQ(forecast.finished_runs, 5);
  ASSERT_TRUE(forecast.finish.has_value());
  EXPECT_GT(forecast.finish->low, kMorning);
  EXPECT_LE(forecast.finish->low, forecast.finish->middle);
  EXPECT_LE(forecast.finish->middle, forecast.finish->high);
  EXPECT_GE(forecast.attempts.low, 60);
  EXPECT_LE(forecast.attempts.high, 180);
  EXPECT_GT(forecast.reached.middle, 20);
  EXPECT_GT(forecast.cost_micros.middle, 0);
  EXPECT_LE(forecast.most_calls.high, 10) << "the business has no more";
}

TEST(DryRunTest, ASlowerPaceTakesAsMuchLonger) {
  DryRun slow = SmallRun(60);
  slow.settings.mutable_pacing()->set_calls_per_minute(2);
  slow.settings.mutable_retries()->set_max_attempts(1);
  const DryRunForecast forecast = Forecast(slow);
  ASSERT_TRUE(forecast.finish.has_value());
  EXPECT_NEAR(absl::ToDoubleMinutes(forecast.finish->middle - kMorning), 30, 3);
}

TEST(DryRunTest, WindowsHoldUpWhoeverIsLeftUntilTheNextDay) {
  DryRun wanted = SmallRun(60);
  wanted.settings.mutable_pacing()->set_calls_per_minute(1);
  campaigns::v1::CallingWindow* window = wanted.settings.mutable_rules()->add_windows();
  window->set_opens("09:00");
  window->set_closes("09:30");
  const DryRunForecast forecast = Forecast(wanted);
  ASSERT_TRUE(forecast.finish.has_value());
  EXPECT_GT(forecast.finish->low, kMorning + absl::Hours(24));
}

TEST(DryRunTest, WhoHadAttemptsHasSoManyLess) {
  DryRun wanted = SmallRun(20);
  wanted.outcomes.no_answer = 1;
  wanted.outcomes.busy = 0;
  for (campaigns::v1::Contact& contact : wanted.contacts) contact.set_attempts(2);
  const DryRunForecast forecast = Forecast(wanted);
  EXPECT_EQ(forecast.attempts.low, 20);
  EXPECT_EQ(forecast.attempts.high, 20);
  EXPECT_EQ(forecast.exhausted.low, 20);
}

TEST(DryRunTest, WhoWaitsIsNotCalledBeforeItsTime) {
  DryRun wanted = SmallRun(5);
  for (campaigns::v1::Contact& contact : wanted.contacts) {
    contact.set_state(campaigns::v1::CONTACT_STATE_WAITING);
    contact.mutable_due_at()->set_seconds(absl::ToUnixSeconds(kMorning + absl::Hours(5)));
  }
  const DryRunForecast forecast = Forecast(wanted);
  ASSERT_TRUE(forecast.finish.has_value());
  EXPECT_GT(forecast.finish->low, kMorning + absl::Hours(5));
}

TEST(DryRunTest, WhoNobodyMayCallIsSuppressedAndCostsNothing) {
  DryRun wanted = SmallRun(10);
  wanted.blocked_prefixes = {"+1"};
  const DryRunForecast forecast = Forecast(wanted);
  EXPECT_EQ(forecast.suppressed.low, 10);
  EXPECT_EQ(forecast.attempts.high, 0);
  EXPECT_EQ(forecast.cost_micros.high, 0);
}

TEST(DryRunTest, ACampaignThatNeverEndsSaysSo) {
  DryRun wanted = SmallRun(10);
  wanted.runs = 1;
  wanted.outcomes.no_answer = 1;
  wanted.outcomes.busy = 0;
  wanted.longest = absl::Hours(1);
  EXPECT_EQ(Forecast(wanted).finished_runs, 0);
  EXPECT_FALSE(Forecast(wanted).finish.has_value());
}

}  // namespace
}  // namespace trunkline::scheduler
