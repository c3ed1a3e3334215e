#include "libs/telephony/call_record.h"

#include <gtest/gtest.h>

#include "libs/telephony/timestamps.h"

namespace trunkline::telephony {
namespace {

using namespace calls::v1;

constexpr int64_t kRinging = 1'772'528'400'000'000;

CallState Ended(CallDirection direction, CallStatus status) {
  CallState state;
  state.mutable_details()->set_direction(direction);
  state.mutable_ended()->set_status(status);
  state.mutable_ended()->mutable_stamp()->set_occurred_at_micros(kRinging + 60'000'000);
  state.set_ringing_at_micros(kRinging);
  return state;
}

TEST(CallRecordTest, AnInboundCallThatNobodyTookIsMissed) {
  CallState state = Ended(CALL_DIRECTION_INBOUND, CALL_STATUS_COMPLETED);
  EXPECT_EQ(Project(state).status(), CALL_STATUS_COMPLETED);
  state.mutable_details()->set_dialed_leg_status(CALL_STATUS_NO_ANSWER);
  EXPECT_EQ(Project(state).status(), CALL_STATUS_MISSED);
  state.mutable_details()->set_bridged(true);
  EXPECT_EQ(Project(state).status(), CALL_STATUS_COMPLETED);
  EXPECT_EQ(Project(Ended(CALL_DIRECTION_INBOUND, CALL_STATUS_NO_ANSWER)).status(), CALL_STATUS_MISSED);
  EXPECT_EQ(Project(Ended(CALL_DIRECTION_OUTBOUND, CALL_STATUS_NO_ANSWER)).status(), CALL_STATUS_NO_ANSWER);
}

TEST(CallRecordTest, ACallerWhoLeftTheQueueAbandonedTheCall) {
  CallState state = Ended(CALL_DIRECTION_INBOUND, CALL_STATUS_COMPLETED);
  state.mutable_details()->set_waited_in_queue(true);
  const CallRecord record = Project(state);
  EXPECT_EQ(record.status(), CALL_STATUS_ABANDONED);
  EXPECT_EQ(record.hangup().source(), HANGUP_SOURCE_CALLER);
}

TEST(CallRecordTest, AnEndThatTrunklineAskedForIsASystemHangup) {
  CallState state = Ended(CALL_DIRECTION_OUTBOUND, CALL_STATUS_COMPLETED);
  state.mutable_ended()->mutable_hangup()->set_cause(HANGUP_CAUSE_USER_HANGUP);
  state.mutable_details()->set_end_requested(true);
  EXPECT_EQ(Project(state).hangup().cause(), HANGUP_CAUSE_SYSTEM_HANGUP);
  state.mutable_details()->set_answered_by(ANSWERED_BY_MACHINE);
  EXPECT_EQ(Project(state).hangup().cause(), HANGUP_CAUSE_MACHINE_DETECTED);
}

TEST(CallRecordTest, TheProvidersCountOfTalkTimeRules) {
  CallState state = Ended(CALL_DIRECTION_OUTBOUND, CALL_STATUS_COMPLETED);
  state.set_answered_at_micros(kRinging + 10'000'000);
  EXPECT_EQ(Project(state).durations().talk().seconds(), 50);
  EXPECT_EQ(Project(state).durations().ring().seconds(), 10);
  EXPECT_EQ(Project(state).durations().total().seconds(), 60);
  state.mutable_details()->mutable_talk_duration()->set_seconds(49);
  EXPECT_EQ(Project(state).durations().talk().seconds(), 49);
}

// Providers tell whole seconds: a call that was asked for at 5.7 s would else begin at 5.0 s once its first webhook is
// there, and jump in a list that somebody is paging through.
TEST(CallRecordTest, ACallBeginsWhenItWasAskedFor) {
  CallState state = Ended(CALL_DIRECTION_OUTBOUND, CALL_STATUS_COMPLETED);
  EXPECT_EQ(StartedAtMicros(state), kRinging);
  state.set_requested_at_micros(kRinging + 700'000);
  EXPECT_EQ(StartedAtMicros(state), kRinging + 700'000);
}

TEST(CallRecordTest, ClocksThatDisagreeNeverGiveNegativeDurations) {
  CallState state = Ended(CALL_DIRECTION_OUTBOUND, CALL_STATUS_COMPLETED);
  state.set_answered_at_micros(kRinging + 70'000'000);
  EXPECT_EQ(Project(state).durations().talk().seconds(), 0);
}

}  // namespace
}  // namespace trunkline::telephony
