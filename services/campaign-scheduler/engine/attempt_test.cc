#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/testing/engine_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(CampaignEngineTest, AnAttemptIsCommittedWithItsSlotBeforeItIsDialled) {
  Start();
  Read({Contact(1)});
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1));
  EXPECT_THAT(commits_, IsEmpty());
  Grant();
  EXPECT_THAT(dials_, IsEmpty()) << "nothing is dialled before the commit";
  const CommitBatch batch = CommitNow();
  ASSERT_THAT(batch.attempts, SizeIs(1));
  EXPECT_EQ(batch.attempts[0].attempt_id, AttemptOf(1));
  EXPECT_EQ(batch.attempts[0].number, 1);
  EXPECT_EQ(batch.attempts[0].slot_id, SlotOf(AttemptOf(1)));
  EXPECT_EQ(batch.dial_time, options_.dial_time);
  const Dial dial = Take(dials_);
  EXPECT_EQ(dial.request.request_id(), AttemptOf(1));
  EXPECT_EQ(dial.request.attempt_id(), AttemptOf(1));
  EXPECT_EQ(dial.request.campaign_id(), kCampaign);
  EXPECT_EQ(dial.request.slot_id(), SlotOf(AttemptOf(1)));
  EXPECT_EQ(telephony::FromProto(dial.request.dial_before()), now_ + options_.dial_time);
}

TEST_F(CampaignEngineTest, ACallIsToldAndItsOutcomeEndsTheAttempt) {
  Start();
  Dialing();
  AnswerCalled();
  const CommitBatch told = CommitLater();
  ASSERT_THAT(told.calls, SizeIs(1));
  EXPECT_EQ(told.calls[0].call_id, CallOf(AttemptOf(1)));
  EXPECT_THAT(told.endings, IsEmpty());
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  const CommitBatch ended = CommitLater();
  ASSERT_THAT(ended.endings, SizeIs(1));
  EXPECT_EQ(ended.endings[0].disposition, v1::DISPOSITION_CONNECTED);
  EXPECT_EQ(ended.endings[0].contact_state, v1::CONTACT_STATE_REACHED);
  EXPECT_EQ(ended.endings[0].attempts, 1);
  EXPECT_EQ(engine_->view().under_way, 0u);
  EXPECT_THAT(released_, IsEmpty()) << "the slot ends with its call";
}

TEST_F(CampaignEngineTest, TheOutcomeMayComeBeforeTheGatewaysAnswer) {
  Start();
  Dialing();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  AnswerCalled();
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.endings, SizeIs(1));
  EXPECT_EQ(batch.endings[0].call_id, CallOf(AttemptOf(1)));
}

TEST_F(CampaignEngineTest, AnOutcomeThatIsToldAgainIsDropped) {
  Start();
  InCall();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch first = CommitLater();
  ASSERT_THAT(first.endings, SizeIs(1));
  EXPECT_EQ(first.endings[0].disposition, v1::DISPOSITION_CONNECTED);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch second = CommitLater();
  EXPECT_THAT(second.endings, IsEmpty());
  EXPECT_THAT(second.known_outcomes, ElementsAre(AttemptOf(1)));
}

TEST_F(CampaignEngineTest, AContactIsReadAgainWhenItIsDueAgain) {
  auto* rule = settings_.mutable_retries()->add_rules();
  rule->set_disposition(v1::DISPOSITION_BUSY);
  *rule->add_delays() = telephony::ToProto(absl::Seconds(10));
  Start();
  InCall();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch batch = CommitLater();
  EXPECT_EQ(batch.endings[0].contact_state, v1::CONTACT_STATE_WAITING);
  Pass(absl::Seconds(9));
  EXPECT_THAT(reads_, IsEmpty());
  Pass(absl::Seconds(2));
  Read({Contact(1, {v1::DISPOSITION_BUSY})});
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].attempt_id, AttemptOf(1, 2)) << "another attempt, another id";
}

TEST_F(CampaignEngineTest, AContactInHandIsNotTakenTwice) {
  Start();
  Read({Contact(1)});
  Tell(ContactsChanged{});
  Read({Contact(1), Contact(2)});
  Grant();
  Grant();
  std::vector<std::string> planned;
  while (!commits_.empty()) {
    for (const PlannedAttempt& attempt : CommitNow().attempts) planned.push_back(attempt.attempt_id);
  }
  EXPECT_THAT(planned, ElementsAre(AttemptOf(1), AttemptOf(2)));
}

TEST_F(CampaignEngineTest, AReadThatIsOlderThanACommitBringsNobodyBack) {
  Start();
  Read({Contact(1)});
  Tell(ContactsChanged{});  // it is read while the contact is on its way
  Grant();
  CommitNow();
  ASSERT_THAT(reads_, SizeIs(1));
  EXPECT_THAT(reads_[0].in_hand, ElementsAre(1));
  Read({Contact(1)});
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(reads_, SizeIs(1)) << "who left the hands meanwhile was left out: it is read again";
}

TEST_F(CampaignEngineTest, ThePlanSaysWhatTheContactsVariablesSay) {
  auto* say = settings_.mutable_plan()->add_verbs()->mutable_say();
  say->set_text("Hello {{first_name}}, {{unknown}}your order {{ order }} {{open");
  DueContact contact = Contact(1);
  v1::Contact variables;
  (*variables.mutable_variables())["first_name"] = "Ada {{order}}";
  contact.contact.variables = variables.SerializeAsString();
  Start();
  Read({contact});
  Grant();
  CommitNow();
  EXPECT_EQ(Take(dials_).request.plan().verbs(0).say().text(), "Hello Ada {{order}}, your order  {{open");
}

TEST_F(CampaignEngineTest, ADialWithAWarmUpMayTakeAsLongAsThat) {
  settings_.mutable_warm_up()->set_url("https://bot.example/ready");
  settings_.mutable_warm_up()->set_retries(1);
  Start();
  Read({Contact(1)});
  Grant();
  EXPECT_EQ(CommitNow().dial_time, options_.dial_time + absl::Seconds(130));
}

}  // namespace
}  // namespace trunkline::scheduler
