#include "services/campaign-scheduler/campaigns/campaign_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/campaign-scheduler/campaigns/campaign_progress.h"

namespace trunkline::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CampaignStatisticsTest, TheBestHoursAreThoseInWhichMostWereReached) {
  EXPECT_THAT(BestHours({{9, {.dialed = 100, .reached = 10}},
                         {10, {.dialed = 100, .reached = 40}},
                         {11, {.dialed = 10, .reached = 9}},  // too few to tell
                         {12, {.dialed = 50, .reached = 0}},
                         {17, {.dialed = 20, .reached = 5}},
                         {18, {.dialed = 200, .reached = 30}}}),
              ElementsAre(10, 17, 18));
  EXPECT_THAT(BestHours({}), IsEmpty());
}

TEST(CampaignStatisticsTest, ARateCountsOnlyWhatWasDialled) {
  campaigns::v1::CampaignStatistics statistics;
  const auto add = [&](campaigns::v1::Disposition disposition, int attempts) {
    auto* count = statistics.add_dispositions();
    count->set_disposition(disposition);
    count->set_attempts(attempts);
  };
  AddRates(&statistics);
  EXPECT_EQ(statistics.answer_rate(), 0);
  add(campaigns::v1::DISPOSITION_CONNECTED, 97);
  add(campaigns::v1::DISPOSITION_ABANDONED, 3);
  add(campaigns::v1::DISPOSITION_BUSY, 100);
  add(campaigns::v1::DISPOSITION_NOT_DIALED, 1'000);
  AddRates(&statistics);
  EXPECT_EQ(statistics.answer_rate(), 5'000);
  EXPECT_EQ(statistics.abandon_rate(), 300);
}

TEST(CampaignStatisticsTest, EveryEndingButConnectedHasAdvice) {
  for (int i = 2; i < campaigns::v1::Disposition_ARRAYSIZE; ++i) {
    const Advice advice = AdviceFor(static_cast<campaigns::v1::Disposition>(i), false);
    EXPECT_NE(advice.advice, campaigns::v1::RETRY_ADVICE_UNSPECIFIED) << i;
    EXPECT_FALSE(advice.reason.empty());
  }
  EXPECT_EQ(AdviceFor(campaigns::v1::DISPOSITION_INVALID_NUMBER, false).advice,
            campaigns::v1::RETRY_ADVICE_DO_NOT_RETRY);
  EXPECT_EQ(AdviceFor(campaigns::v1::DISPOSITION_FAILED, true).advice, campaigns::v1::RETRY_ADVICE_RETRY);
}

TEST(OwnerHealthTest, AnOwnerIsSilentBeforeItIsGivenUp) {
  const OwnerLimits limits{.heartbeat_interval = absl::Seconds(30), .orphaned_after = absl::Seconds(120)};
  EXPECT_EQ(HealthOf(absl::Seconds(59), limits), campaigns::v1::OWNER_HEALTH_ALIVE);
  EXPECT_EQ(HealthOf(absl::Seconds(61), limits), campaigns::v1::OWNER_HEALTH_SILENT);
  EXPECT_EQ(HealthOf(absl::Seconds(121), limits), campaigns::v1::OWNER_HEALTH_ORPHANED);
  EXPECT_EQ(HealthOf(std::nullopt, limits), campaigns::v1::OWNER_HEALTH_ORPHANED);
}

}  // namespace
}  // namespace trunkline::scheduler
