#include "services/campaign-scheduler/testing/engine_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct RefusalCase {
  absl::Status answer;
  v1::Disposition disposition;
  v1::ContactState contact;
};

class RefusalTest : public CampaignEngineTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, WhatIsCertainlyNotDialledEndsAtOnce) {
  Start();
  Dialing();
  Answer(GetParam().answer);
  EXPECT_THAT(released_, ElementsAre(SlotOf(AttemptOf(1))));
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.endings, SizeIs(1));
  EXPECT_EQ(batch.endings[0].disposition, GetParam().disposition);
  EXPECT_EQ(batch.endings[0].contact_state, GetParam().contact);
  EXPECT_EQ(batch.endings[0].call_id, "");
  EXPECT_THAT(finds_, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Answers, RefusalTest,
    testing::Values(RefusalCase{Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_TOO_LATE, "late"),
                                v1::DISPOSITION_NOT_DIALED, v1::CONTACT_STATE_WAITING},
                    RefusalCase{Error(absl::StatusCode::kResourceExhausted, Reason::REASON_RATE_LIMITED, "too fast"),
                                v1::DISPOSITION_NOT_DIALED, v1::CONTACT_STATE_WAITING},
                    RefusalCase{Error(absl::StatusCode::kUnavailable, Reason::REASON_WARM_UP_FAILED, "cold"),
                                v1::DISPOSITION_WARM_UP_FAILED, v1::CONTACT_STATE_WAITING},
                    RefusalCase{
                        Error(absl::StatusCode::kPermissionDenied, Reason::REASON_DESTINATION_BLOCKED, "blocked"),
                        v1::DISPOSITION_NOT_DIALED, v1::CONTACT_STATE_SUPPRESSED},
                    RefusalCase{InvalidFields({{"to", "must be a phone number"}}), v1::DISPOSITION_INVALID_NUMBER,
                                v1::CONTACT_STATE_EXHAUSTED},
                    RefusalCase{InvalidFields({{"plan.verbs[0].say.text", "is too long"}}), v1::DISPOSITION_NOT_DIALED,
                                v1::CONTACT_STATE_WAITING}));

TEST_F(CampaignEngineTest, NotDialledCountsForNoCap) {
  Start();
  Dialing();
  Answer(Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_TOO_LATE, "late"));
  EXPECT_EQ(CommitLater().endings[0].attempts, 0);
}

TEST_F(CampaignEngineTest, InDoubtTheSameDialIsAskedForAgainUntilItsTimeIsOver) {
  Start();
  Dialing();
  int asked = 0;
  while (!dials_.empty()) {
    EXPECT_EQ(dials_[0].request.request_id(), AttemptOf(1));
    ++asked;
    Answer(Away());
    Pass(options_.retry_most);
  }
  EXPECT_GE(asked, 4);
  EXPECT_THAT(commits_, IsEmpty()) << "nothing is believed";
  ASSERT_THAT(finds_, SizeIs(1));
  Find(FoundDial{.call = std::nullopt, .now = now_});
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.endings, SizeIs(1));
  EXPECT_EQ(batch.endings[0].disposition, v1::DISPOSITION_NOT_DIALED);
}

TEST_F(CampaignEngineTest, ACallThatWasPlacedWithoutAnAnswerIsFound) {
  Start();
  Dialing();
  Answer(absl::DeadlineExceededError("no answer"));
  Pass(options_.dial_time);
  Answer(absl::DeadlineExceededError("no answer"));
  Pass(absl::Seconds(1));
  Find(FoundDial{.call = CallFor(AttemptOf(1)), .now = now_});
  EXPECT_THAT(CommitLater().calls, SizeIs(1));
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, BeforeDialBeforeByTheDatabasesClockNothingIsBelieved) {
  const absl::Time dial_before = now_ + absl::Seconds(10);
  takeover_.campaign.state = v1::CAMPAIGN_STATE_PAUSED;
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(10),
                          .dial_before = dial_before}};
  Start();
  Pass(absl::Seconds(11));
  Find(FoundDial{.call = std::nullopt, .now = dial_before});
  Pass(options_.gather);
  EXPECT_THAT(commits_, IsEmpty());
  Pass(absl::Seconds(1));
  Find(FoundDial{.call = std::nullopt, .now = dial_before + absl::Microseconds(1)});
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, ARefusalAfterADoubtIsNoProof) {
  Start();
  Dialing();
  Answer(Away());
  Pass(options_.retry);
  Answer(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full"));
  Pass(options_.gather);
  EXPECT_THAT(commits_, IsEmpty()) << "the first question may still be under way there";
  Pass(options_.dial_time + absl::Seconds(1));
  Find(FoundDial{.call = std::nullopt, .now = now_});
  EXPECT_EQ(CommitLater().endings[0].disposition, v1::DISPOSITION_NOT_DIALED);
}

TEST_F(CampaignEngineTest, WhoeverCannotFindOutAsksAgain) {
  takeover_.campaign.state = v1::CAMPAIGN_STATE_PAUSED;
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Minutes(1),
                          .dial_before = now_ - absl::Seconds(40)}};
  Start();
  for (int i = 0; i < 3; ++i) {
    Find(Away());
    Pass(options_.retry_most);
  }
  EXPECT_THAT(commits_, IsEmpty());
  Find(FoundDial{.call = std::nullopt, .now = now_});
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, ARequestThatIsKnownWithOtherSettingsHasACall) {
  Start();
  Dialing();
  Answer(Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED, "known"));
  Find(FoundDial{.call = CallFor(AttemptOf(1)), .now = now_});
  EXPECT_THAT(CommitLater().calls, SizeIs(1));
}

TEST_F(CampaignEngineTest, SettingsThatNothingCanBeDialledWithPauseTheCampaign) {
  Start();
  Dialing();
  Answer(Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_PROVIDER_ACCOUNT_DISABLED, "account is disabled"));
  const CommitBatch batch = Take(commits_);
  ASSERT_TRUE(batch.stop.has_value());
  EXPECT_EQ(batch.stop->to, v1::CAMPAIGN_STATE_PAUSED);
  EXPECT_THAT(batch.stop->reason, testing::HasSubstr("account is disabled"));
  EXPECT_EQ(batch.endings[0].contact_state, v1::CONTACT_STATE_WAITING) << "nobody is lost";
}

TEST_F(CampaignEngineTest, WhatDoesNotFitOneContactDoesNotStopTheOthers) {
  Start();
  Dialing(3);
  Answer(InvalidFields({{"plan.verbs[0].say.text", "is too long"}}));
  Answer(InvalidFields({{"plan.verbs[0].say.text", "is too long"}}));
  AnswerCalled();
  EXPECT_FALSE(CommitLater().stop.has_value());
}

TEST_F(CampaignEngineTest, WhatFitsNobodyPausesTheCampaign) {
  Start();
  Dialing(3);
  for (int i = 0; i < 3; ++i) Answer(InvalidFields({{"plan", "cannot be carried out"}}));
  EXPECT_TRUE(Take(commits_).stop.has_value());
}

TEST_F(CampaignEngineTest, ARefusalForNowHoldsTheOthersBack) {
  Start();
  Dialing();
  Tell(ContactsChanged{});
  Read({Contact(2)});
  Refuse(Away());
  Answer(WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_RATE_LIMITED, "too fast"),
                        absl::Seconds(3)));
  Pass(absl::Seconds(2));
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Seconds(1));
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, ACampaignThatFailsTooOftenPausesItself) {
  settings_.mutable_auto_pause()->set_failure_percent(50);
  settings_.mutable_auto_pause()->set_attempts(2);
  Start();
  Dialing(2);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_FAILED);
  EXPECT_FALSE(CommitLater().stop.has_value());
  TellOutcome(AttemptOf(2), v1::DISPOSITION_CONNECTED);
  CommitLater();
  const CommitBatch batch = CommitNow();
  ASSERT_TRUE(batch.stop.has_value());
  EXPECT_EQ(batch.stop->actor, "auto_pause");
}

}  // namespace
}  // namespace trunkline::scheduler
