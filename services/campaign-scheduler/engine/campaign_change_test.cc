#include "services/campaign-scheduler/testing/engine_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(CampaignEngineTest, APauseThatTheCommitSeesStopsEverything) {
  Start();
  Read({Contact(1), Contact(2)});
  Grant();
  Take(commits_);
  CommitResult result{.now = now_, .campaign = Changed(v1::CAMPAIGN_STATE_PAUSED)};
  for (const int position : {1, 2}) {
    DeniedAttempt denied{.attempt_id = AttemptOf(position)};
    denied.decision.set_rule(v1::CALL_RULE_CAMPAIGN_STATE);
    result.denied.push_back(denied);
  }
  Tell(Committed{result});
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(released_, SizeIs(2));
  Pass(absl::Hours(1));
  EXPECT_THAT(reads_, IsEmpty());
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
}

TEST_F(CampaignEngineTest, APauseReturnsSlotsThatAreHeldOrStillCome) {
  Start();
  Read({Contact(1)});
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_PAUSED)});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kAtWork) << "a slot may still be granted";
  Grant();
  EXPECT_THAT(released_, ElementsAre(SlotOf(AttemptOf(1))));
  EXPECT_THAT(commits_, IsEmpty());
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
}

TEST_F(CampaignEngineTest, CallsGoOnWhileTheCampaignIsPausedAndItGoesOnExactlyThere) {
  Start();
  InCall();
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_PAUSED)});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kAtWork);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_RUNNING)});
  Read({Contact(2)});
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, AnOlderChangeIsNotHeard) {
  Start();
  const Campaign older = Changed(v1::CAMPAIGN_STATE_RUNNING);
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_PAUSED)});
  Tell(CampaignChanged{older});
  EXPECT_EQ(engine_->campaign().state, v1::CAMPAIGN_STATE_PAUSED);
}

TEST_F(CampaignEngineTest, OfACancelledCampaignNobodyWaits) {
  Start();
  InCall();
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_CANCELLED)});
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch batch = CommitLater();
  EXPECT_EQ(batch.endings[0].contact_state, v1::CONTACT_STATE_REMOVED);
  EXPECT_EQ(batch.endings[0].due_at, std::nullopt);
}

TEST_F(CampaignEngineTest, TheCampaignsOwnLimitIsSetAtTheGovernorAndClearedAtTheEnd) {
  settings_.mutable_pacing()->set_max_concurrent_calls(5);
  Start();
  settings_.mutable_pacing()->set_max_concurrent_calls(8);
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_RUNNING)});
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_CANCELLED)});
  EXPECT_THAT(limits_, ElementsAre(5, 8, 0));
}

// The end.

TEST_F(CampaignEngineTest, WithNobodyLeftTheStoreIsAskedOnceWhetherTheCampaignIsComplete) {
  Start();
  Read({});
  const CommitBatch batch = CommitNow();
  EXPECT_TRUE(batch.empty());
  Pass(absl::Seconds(20));
  EXPECT_THAT(commits_, IsEmpty());
}

TEST_F(CampaignEngineTest, AnOpenCampaignWaitsForMoreContacts) {
  settings_.set_keep_open(true);
  Start();
  Read({});
  EXPECT_THAT(commits_, IsEmpty());
  Tell(ContactsChanged{});
  Read({Contact(1)});
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, ACompletedCampaignIsFinished) {
  Start();
  Read({});
  Take(commits_);
  Tell(Committed{CommitResult{.now = now_, .campaign = Changed(v1::CAMPAIGN_STATE_COMPLETED)}});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
}

}  // namespace
}  // namespace trunkline::scheduler
