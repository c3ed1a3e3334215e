#include "services/campaign-scheduler/testing/engine_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(CampaignEngineTest, AnOwnerThatIsFencedOffDoesNothingAnyMore) {
  Start();
  Dialing();
  Tell(ContactsChanged{});
  Read({Contact(2)});
  Grant();
  dials_.clear();
  Take(commits_);
  Tell(Committed{CommitResult{.fenced = true}});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFenced);
  Tell(DialAnswered{AttemptOf(1), Away()});
  Pass(absl::Hours(1));
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(commits_, IsEmpty());
  EXPECT_THAT(released_, IsEmpty()) << "the next owner may have asked for the same slots";
}

TEST_F(CampaignEngineTest, WhenNobodyKnowsWhetherACommitWasMadeNothingIsDone) {
  Start();
  Read({Contact(1)});
  Grant();
  Take(commits_);
  Tell(Committed{absl::UnknownError("the connection was lost while committing")});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kLost);
  Pass(absl::Minutes(1));
  EXPECT_THAT(dials_, IsEmpty());
}

TEST_F(CampaignEngineTest, ACommitThatFailedIsTriedAgainWithWhatCameMeanwhile) {
  Start();
  InCall();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  Pass(options_.gather);
  Take(commits_);
  Tell(ContactsChanged{});
  Read({Contact(2)});
  Grant();
  Tell(Committed{Away()});
  EXPECT_THAT(commits_, IsEmpty());
  Pass(options_.retry);
  const CommitBatch batch = CommitNow();
  EXPECT_THAT(batch.endings, SizeIs(1));
  EXPECT_THAT(batch.attempts, SizeIs(1));
  EXPECT_THAT(dials_, SizeIs(1));
}

TEST_F(CampaignEngineTest, ASlotThatIsAboutToEndIsNotCommitted) {
  Start();
  Read({Contact(1)});
  Grant();
  Take(commits_);
  Pass(absl::Seconds(25));
  Tell(Committed{Away()});
  Pass(options_.retry_most);
  EXPECT_THAT(commits_, IsEmpty());
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1) + "/1");
}

TEST_F(CampaignEngineTest, WhatIsDeniedInTheCommitIsNotDialledAndItsSlotGoesBack) {
  Start();
  Read({Contact(1), Contact(2)});
  Grant();
  Take(commits_);
  CommitResult result{.now = now_, .started = {AttemptOf(2)}};
  DeniedAttempt denied{.attempt_id = AttemptOf(1)};
  denied.decision.set_rule(v1::CALL_RULE_DO_NOT_CALL_BUSINESS);
  result.denied.push_back(denied);
  Tell(Committed{result});
  ASSERT_THAT(dials_, SizeIs(1));
  EXPECT_EQ(dials_[0].attempt_id, AttemptOf(2));
  EXPECT_THAT(released_, ElementsAre(SlotOf(AttemptOf(1))));
}

}  // namespace
}  // namespace trunkline::scheduler
