#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/testing/engine_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST_F(CampaignEngineTest, AContactThatMayNotBeCalledNowIsPutOffWithTheNextCommit) {
  auto* window = settings_.mutable_rules()->add_windows();
  window->set_opens("14:00");
  window->set_closes("15:00");
  DueContact contact = Contact(1);
  contact.contact.record.set_time_zone("UTC");
  Start();
  Read({contact});
  EXPECT_THAT(asked_, IsEmpty());
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.put_off, SizeIs(1));
  EXPECT_EQ(batch.put_off[0].to, v1::CONTACT_STATE_WAITING);
  EXPECT_EQ(batch.put_off[0].rule, v1::CALL_RULE_CALLING_WINDOW);
  EXPECT_EQ(batch.put_off[0].due_at, now_ - options_.gather + absl::Hours(2));
}

TEST_F(CampaignEngineTest, AContactThatMustNotBeCalledIsFinished) {
  DueContact contact = Contact(1);
  contact.number.on_business_list = absl::InfiniteFuture();
  Start();
  Read({contact});
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.put_off, SizeIs(1));
  EXPECT_EQ(batch.put_off[0].to, v1::CONTACT_STATE_SUPPRESSED);
}

TEST_F(CampaignEngineTest, TheAbandonRateHoldsTheCampaignAndIsWrittenToNobody) {
  takeover_.people.Note(now_ - absl::Hours(1), {.reached = 200, .abandoned = 100});
  Start();
  Read({Contact(1), Contact(2)});
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Hours(1));
  EXPECT_THAT(commits_, IsEmpty());
  EXPECT_THAT(reads_, IsEmpty()) << "nobody is read before the rate may have changed";
}

TEST_F(CampaignEngineTest, RulesThatCannotBeReadFailTheCampaign) {
  settings_.mutable_rules()->add_windows()->set_opens("nine");
  Start();
  const CommitBatch batch = Take(commits_);
  ASSERT_TRUE(batch.stop.has_value());
  EXPECT_EQ(batch.stop->to, v1::CAMPAIGN_STATE_FAILED);
}

// Pace.

TEST_F(CampaignEngineTest, CallsKeepTheirDistance) {
  *settings_.mutable_pacing()->mutable_call_spacing() = telephony::ToProto(absl::Seconds(6));
  Start();
  Read({Contact(1), Contact(2)});
  EXPECT_THAT(asked_, SizeIs(1));
  EXPECT_THAT(asked_[0].wishes, SizeIs(1));
  Grant();
  CommitNow();
  Pass(absl::Milliseconds(5'900));
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Milliseconds(100));
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, TheDistanceHoldsOverAChangeOfOwners) {
  *settings_.mutable_pacing()->mutable_call_spacing() = telephony::ToProto(absl::Seconds(6));
  takeover_.recent_commits = {now_ - absl::Seconds(4)};
  Start();
  Read({Contact(1)});
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Seconds(2));
  EXPECT_THAT(asked_, SizeIs(1));
}

class WrongClockTest : public CampaignEngineTest, public testing::WithParamInterface<absl::Duration> {};

TEST_P(WrongClockTest, ChangesNeitherThePaceNorWhatIsDialled) {
  clock_ahead_ = GetParam();
  takeover_.running_since = DatabaseNow();
  settings_.mutable_pacing()->mutable_call_spacing()->set_seconds(6);
  Start();
  Read({Contact(1), Contact(2)});
  Grant();
  CommitNow();
  ASSERT_THAT(dials_, SizeIs(1)) << "its time is not over";
  AnswerCalled();
  Pass(absl::Milliseconds(5'900));
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Milliseconds(100));
  EXPECT_THAT(asked_, SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(Minutes, WrongClockTest, testing::Values(absl::Minutes(5), absl::Minutes(-5)));

}  // namespace
}  // namespace trunkline::scheduler
