// What is told of campaigns: lists, progress, statistics, advice.
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/testing/campaigns_fixture.h"

namespace trunkline::scheduler {
namespace {

class CampaignReadingTest : public CampaignsFixture {
 protected:
  // Attempts that ended in the hour before now.
  void AddHour(const std::string& id, int hours_ago, campaigns::v1::Disposition disposition, int attempts,
               int local_hour = 10) {
    Run(Concat("INSERT INTO campaign_hours SELECT campaign_id, date_trunc('hour', now()) - interval '", hours_ago,
               " hours', ", local_hour, ", ", static_cast<int>(disposition), ", business_id, ", attempts, ", ",
               attempts * 1'000, " FROM campaigns WHERE campaign_id = '", id, "'"));
  }
};

TEST_F(CampaignReadingTest, AListHasItsFiltersAndItsPages) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.insert(ids.begin(), Create(Concat("Campaign ", i)).campaign_id());
    clock_.Advance(absl::Seconds(1));
  }
  ASSERT_TRUE(Cancel(ids[0]).ok());
  campaigns::v1::ListCampaignsRequest request;
  request.set_page_size(2);
  std::vector<std::string> listed;
  do {
    const auto page = *queries_.List(kOurs, request);
    for (const auto& campaign : page.campaigns()) listed.push_back(campaign.campaign_id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, ids);

  request.add_states(campaigns::v1::CAMPAIGN_STATE_CANCELLED);
  EXPECT_EQ(queries_.List(kOurs, request)->campaigns_size(), 1);
  request.clear_states();
  request.set_name_contains("cAMPAIGN 3");
  EXPECT_EQ(queries_.List(kOurs, request)->campaigns(0).campaign_id(), ids[1]);
  request.clear_name_contains();
  *request.mutable_created_after() = telephony::ToProto(clock_.Now() - absl::Seconds(2));
  EXPECT_EQ(queries_.List(kOurs, request)->campaigns_size(), 2);
  request.set_page_size(501);
  EXPECT_EQ(ReasonOf(queries_.List(kOurs, request).status()), Reason::REASON_INVALID_FIELD);
}

TEST_F(CampaignReadingTest, ProgressTellsPositionRatesAndWhoRunsIt) {
  clock_.Set(absl::Now());
  const std::string id = CreateWith(10).campaign_id();
  EXPECT_EQ(progress_.Get(kOurs, id)->next_position(), 1);
  ASSERT_TRUE(Start(id).ok());
  auto progress = *progress_.Get(kOurs, id);
  EXPECT_EQ(progress.owner().health(), campaigns::v1::OWNER_HEALTH_ORPHANED);  // nobody has taken it yet
  const std::string replica = NewId();
  Run(Concat("INSERT INTO scheduler_replicas (replica_id, address) VALUES ('", replica, "', 'here:1'); ",
             "UPDATE campaign_progress SET replica_id = '", replica, "', epoch = 3, contacts_pending = 6, ",
             "contacts_reached = 3, contacts_waiting = 1, attempts = 4, attempts_connected = 3, attempts_failed = 1, ",
             "position = 4, started_at = now() - interval '3 hours', running_since = now() - interval '3 hours'; ",
             "UPDATE contacts SET state = 4 WHERE position <= 3; ",
             "UPDATE contacts SET state = 3, due_at = now() + interval '1 hour' WHERE position = 4; ",
             "UPDATE contacts SET priority = 1 WHERE position = 9"));
  AddHour(id, 1, campaigns::v1::DISPOSITION_CONNECTED, 2);
  AddHour(id, 2, campaigns::v1::DISPOSITION_CONNECTED, 1);
  progress = *progress_.Get(kOurs, id);
  EXPECT_EQ(progress.finished_rate(), 3'000);
  EXPECT_EQ(progress.position(), 4);
  EXPECT_EQ(progress.next_position(), 9);  // higher priority
  EXPECT_EQ(progress.attempts(), 4);
  EXPECT_GE(progress.running_time().seconds(), 3 * 3'600);
  EXPECT_GT(progress.attempts_per_minute(), 0);
  EXPECT_EQ(progress.owner().replica(), "here:1");
  EXPECT_EQ(progress.owner().epoch(), 3);
  EXPECT_EQ(progress.owner().health(), campaigns::v1::OWNER_HEALTH_ALIVE);
  ASSERT_TRUE(progress.has_estimated_completion());
  EXPECT_GE(progress.estimated_completion().seconds(), absl::ToUnixSeconds(absl::Now() + absl::Minutes(59)));
  Run("UPDATE scheduler_replicas SET heartbeat_at = now() - interval '90 seconds'");
  EXPECT_EQ(progress_.Get(kOurs, id)->owner().health(), campaigns::v1::OWNER_HEALTH_SILENT);
  ASSERT_TRUE(Pause(id).ok());
  progress = *progress_.Get(kOurs, id);
  EXPECT_FALSE(progress.has_owner());
  EXPECT_FALSE(progress.has_estimated_completion());
}

TEST_F(CampaignReadingTest, StatisticsAreByHourAndInAll) {
  const std::string id = CreateWith(1).campaign_id();
  AddHour(id, 1, campaigns::v1::DISPOSITION_CONNECTED, 6, 9);
  AddHour(id, 1, campaigns::v1::DISPOSITION_CONNECTED, 3, 10);
  AddHour(id, 1, campaigns::v1::DISPOSITION_ABANDONED, 1);
  AddHour(id, 2, campaigns::v1::DISPOSITION_BUSY, 10);
  auto request = About<campaigns::v1::GetCampaignStatisticsRequest>(id);
  const auto statistics = *statistics_.Get(kOurs, request);
  ASSERT_EQ(statistics.hours_size(), 2);
  EXPECT_EQ(statistics.hours(0).attempts(), 10);
  EXPECT_EQ(statistics.hours(1).abandon_rate(), 1'000);
  EXPECT_EQ(statistics.total().attempts(), 20);
  EXPECT_EQ(statistics.total().answer_rate(), 5'000);
  EXPECT_EQ(statistics.total().talk_time().seconds(), 20);
  *request.mutable_from() = statistics.hours(1).hour();
  EXPECT_EQ(statistics_.Get(kOurs, request)->total().attempts(), 10);
}

TEST_F(CampaignReadingTest, FailedCallsAreToldByCauseWithAdvice) {
  const std::string id = CreateWith(3).campaign_id();
  AddHour(id, 1, campaigns::v1::DISPOSITION_CONNECTED, 30, 17);
  campaigns::v1::Attempt outcome;
  outcome.mutable_error()->set_provider_code("21211");
  const absl::Status put = owner_.InTransaction([&](postgres::Transaction& tx) {
    return tx
        .Execute(
            "INSERT INTO attempts (attempt_id, campaign_id, contact_id, position, business_id, number, to_number, "
            "epoch, slot_id, committed_at, dial_before, decision, disposition, outcome) SELECT gen_random_uuid(), "
            "campaign_id, contact_id, position, business_id, n, number, 1, gen_random_uuid(), now(), now(), '', "
            "CASE WHEN position = 1 THEN 6 ELSE 4 END, CASE WHEN position = 1 THEN $1::bytea ELSE '' END "
            "FROM contacts, generate_series(1, 2) n",
            {postgres::Parameter::Bytes(outcome.SerializeAsString())})
        .status();
  });
  ASSERT_TRUE(put.ok()) << put;
  Run("UPDATE contacts SET state = 5 WHERE position = 1; UPDATE contacts SET state = 4 WHERE position = 2");
  const auto analysis = *statistics_.AnalyzeFailedCalls(kOurs, id);
  ASSERT_EQ(analysis.causes_size(), 2);
  EXPECT_EQ(analysis.causes(0).disposition(), campaigns::v1::DISPOSITION_NO_ANSWER);
  EXPECT_EQ(analysis.causes(0).attempts(), 4);
  EXPECT_EQ(analysis.causes(0).contacts(), 1);
  EXPECT_EQ(analysis.causes(0).advice(), campaigns::v1::RETRY_ADVICE_RETRY);
  EXPECT_THAT(analysis.causes(0).best_hours(), ::testing::ElementsAre(17));
  EXPECT_EQ(analysis.causes(1).provider_code(), "21211");
  EXPECT_EQ(analysis.causes(1).advice(), campaigns::v1::RETRY_ADVICE_DO_NOT_RETRY);
}

}  // namespace
}  // namespace trunkline::scheduler
