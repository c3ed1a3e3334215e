#include "services/gateway/calls/call_timeline.h"

#include "libs/base/status.h"
#include "libs/base/trace.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using control::v1::TimelineEntry;
using ::testing::ElementsAre;

class CallTimelineTest : public GatewayFixture {
 protected:
  CallTimeline timeline_{pool_, reader_};
};

TEST_F(CallTimelineTest, TellsADialFromRequestToReply) {
  const TraceScope trace(ChildOf(TraceContext()));
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  while (*requests_.Flush()) {
  }
  const auto timeline = timeline_.Of(kOurs, call->record().call_id());
  ASSERT_TRUE(timeline.ok()) << timeline.status();
  std::vector<control::v1::TimelineStep> steps;
  for (const TimelineEntry& entry : timeline->entries()) steps.push_back(entry.step());
  EXPECT_THAT(steps, ElementsAre(control::v1::TIMELINE_STEP_REQUEST, control::v1::TIMELINE_STEP_INTENT,
                                 control::v1::TIMELINE_STEP_PROVIDER_REQUEST, control::v1::TIMELINE_STEP_RESOLUTION));
  EXPECT_EQ(timeline->entries(2).details().at("outcome"), "placed");
  EXPECT_EQ(timeline->entries(3).details().at("external_call_id"), "external-1");
  EXPECT_EQ(timeline->entries(1).traceparent(), CurrentTrace().ToTraceparent());
}

TEST_F(CallTimelineTest, AnotherBusinessSeesNothing) {
  const auto call = Place(Request());
  EXPECT_EQ(ReasonOf(timeline_.Of(kTheirs, call->record().call_id()).status()), Reason::REASON_CALL_NOT_FOUND);
}

}  // namespace
}  // namespace trunkline::gateway
