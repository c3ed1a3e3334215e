#include "services/campaign-scheduler/testing/engine_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST_F(CampaignEngineTest, AContactWaitsInLineForASlotAndThenGoesBack) {
  Start();
  Read({Contact(1)});
  EXPECT_EQ(asked_[0].wait, absl::ZeroDuration());
  Refuse();
  ASSERT_THAT(asked_, SizeIs(1)) << "it stands in the line";
  EXPECT_EQ(asked_[0].wait, options_.slot_wait);
  Pass(options_.slot_wait);
  Refuse();
  EXPECT_THAT(reads_, SizeIs(1)) << "it is read again in its turn";
  EXPECT_THAT(commits_, IsEmpty());
}

TEST_F(CampaignEngineTest, InTheLineItStandsWithAsManyRequestsAsItsWeightSays) {
  settings_.mutable_pacing()->set_weight(3);
  Start();
  std::vector<DueContact> many;
  for (int i = 1; i <= 50; ++i) many.push_back(Contact(i));
  Read(many);
  Refuse();
  EXPECT_THAT(asked_, SizeIs(6));
  for (const AcquireSlots& asked : asked_) EXPECT_THAT(asked.wishes, SizeIs(1));
}

TEST_F(CampaignEngineTest, WhenTheGovernorIsAwayTheSameSlotIsAskedForLater) {
  Start();
  Read({Contact(1)});
  Refuse(Away());
  EXPECT_THAT(asked_, IsEmpty());
  Pass(options_.retry);
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1));
}

TEST_F(CampaignEngineTest, ASlotThatHasEndedIsAskedForUnderAnotherId) {
  Start();
  Read({Contact(1)});
  Refuse(Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_SLOT_NOT_FOUND, "has ended"));
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1) + "/1");
  EXPECT_EQ(asked_[0].wishes[0].attempt_id, AttemptOf(1));
}

}  // namespace
}  // namespace trunkline::scheduler
