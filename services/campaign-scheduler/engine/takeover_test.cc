#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/testing/engine_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Silence.

TEST_F(CampaignEngineTest, ACallThatStaysSilentIsAskedAboutAndNeverGivenUp) {
  Start();
  InCall();
  for (int i = 0; i < 3; ++i) {
    Pass(options_.call_silence);
    ASSERT_THAT(inquiries_, ElementsAre(CallOf(AttemptOf(1))));
    inquiries_.clear();
    Tell(CallInquired{AttemptOf(1), i == 0 ? absl::StatusOr<bool>(Away()) : absl::StatusOr<bool>(false)});
  }
  EXPECT_THAT(commits_, IsEmpty());
}

TEST_F(CampaignEngineTest, ACallThatHasEndedUnheardIsLookedUp) {
  Start();
  InCall();
  Pass(options_.call_silence);
  Tell(CallInquired{AttemptOf(1), true});
  Pass(absl::Seconds(10));
  control::v1::Call call = CallFor(AttemptOf(1));
  call.mutable_record()->set_status(calls::v1::CALL_STATUS_BUSY);
  Find(FoundDial{.call = call, .now = now_});
  EXPECT_EQ(CommitLater().endings[0].disposition, v1::DISPOSITION_BUSY);
}

TEST_F(CampaignEngineTest, AnOutcomeThatComesLateIsTheOneThatCounts) {
  Start();
  InCall();
  Pass(options_.call_silence);
  Tell(CallInquired{AttemptOf(1), true});
  TellOutcome(AttemptOf(1), v1::DISPOSITION_NO_ANSWER);
  EXPECT_EQ(CommitLater().endings[0].disposition, v1::DISPOSITION_NO_ANSWER);
  Pass(absl::Minutes(1));
  EXPECT_THAT(finds_, IsEmpty());
}

// A new owner.

TEST_F(CampaignEngineTest, ANewOwnerWaitsForTheOutcomeOfACallThatIsTold) {
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(30),
                          .dial_before = now_ - absl::Seconds(10),
                          .call_id = "call"}};
  Start();
  Pass(absl::Seconds(30));
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(finds_, IsEmpty());
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, ANewOwnerAsksForTheSameDialWhileItsTimeIsNotOver) {
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(5),
                          .dial_before = now_ + absl::Seconds(15)}};
  Start();
  ASSERT_THAT(dials_, SizeIs(1));
  EXPECT_EQ(dials_[0].request.request_id(), AttemptOf(1));
  EXPECT_EQ(dials_[0].request.slot_id(), "slot");
  EXPECT_EQ(telephony::FromProto(dials_[0].request.dial_before()), now_ + absl::Seconds(15));
  // The question of the owner before may still be under way.
  Answer(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full"));
  Pass(absl::Seconds(1));
  EXPECT_THAT(commits_, IsEmpty());
  Pass(absl::Seconds(15));
  Find(FoundDial{.call = CallFor(AttemptOf(1)), .now = now_});
  EXPECT_THAT(CommitLater().calls, SizeIs(1));
}

TEST_F(CampaignEngineTest, ANewOwnerFindsOutWhatBecameOfADialWhoseTimeIsOver) {
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(30),
                          .dial_before = now_ - absl::Seconds(10)}};
  Start();
  EXPECT_THAT(dials_, IsEmpty());
  Find(FoundDial{.call = std::nullopt, .now = now_});
  const CommitBatch batch = CommitLater();
  EXPECT_EQ(batch.endings[0].disposition, v1::DISPOSITION_NOT_DIALED);
  EXPECT_EQ(batch.endings[0].number, 1);
}

TEST_F(CampaignEngineTest, ANewOwnerOfAPausedCampaignDialsNothing) {
  takeover_.campaign.state = v1::CAMPAIGN_STATE_PAUSED;
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_,
                          .dial_before = now_ + absl::Seconds(20)}};
  Start();
  Pass(absl::Seconds(19));
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(finds_, IsEmpty());
  Pass(absl::Seconds(2));
  Find(FoundDial{.call = std::nullopt, .now = now_});
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

}  // namespace
}  // namespace trunkline::scheduler
