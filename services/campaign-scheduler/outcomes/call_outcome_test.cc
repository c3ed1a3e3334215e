#include "services/campaign-scheduler/outcomes/call_outcome.h"

#include <gtest/gtest.h>

#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

using events::v1::CallEvent;

constexpr char kCall[] = "0190b2c3-0000-7000-8000-0000000000c0";
constexpr char kAttempt[] = "0190b2c3-0000-7000-8000-0000000000a0";
constexpr char kEndedBusiness[] = "0190b2c3-0000-7000-8000-00000000000b";
const absl::Time kAt = absl::FromUnixSeconds(1'780'000'000);

CallEvent Event(calls::v1::CallStatus status) {
  CallEvent event;
  event.set_call_id(kCall);
  event.set_business_id(kEndedBusiness);
  *event.mutable_occurred_at() = telephony::ToProto(kAt);
  event.mutable_call()->set_status(status);
  event.mutable_call()->mutable_details()->set_attempt_id(kAttempt);
  return event;
}

TEST(CallOutcomeTest, TheEndOfAnAttemptsCallIsItsOutcome) {
  CallEvent event = Event(calls::v1::CALL_STATUS_BUSY);
  event.mutable_call()->mutable_hangup()->set_cause(calls::v1::HANGUP_CAUSE_BUSY);
  *event.mutable_call()->mutable_times()->mutable_ended_at() = telephony::ToProto(kAt - absl::Seconds(3));
  event.mutable_call()->mutable_durations()->mutable_talk()->set_seconds(7);
  const std::optional<ToldOutcome> outcome = OutcomeOf(event);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->business_id, kEndedBusiness);
  EXPECT_EQ(outcome->outcome.attempt_id, kAttempt);
  EXPECT_EQ(outcome->outcome.call_id, kCall);
  EXPECT_EQ(outcome->outcome.told.disposition(), v1::DISPOSITION_BUSY);
  EXPECT_EQ(telephony::FromProto(outcome->outcome.told.ended_at()), kAt - absl::Seconds(3));
  EXPECT_EQ(outcome->outcome.told.hangup().cause(), calls::v1::HANGUP_CAUSE_BUSY);
  EXPECT_FALSE(outcome->outcome.told.has_error());
  EXPECT_EQ(outcome->outcome.talk, absl::Seconds(7));
}

TEST(CallOutcomeTest, WithoutATimeOfItsEndTheEventsCounts) {
  const std::optional<ToldOutcome> outcome = OutcomeOf(Event(calls::v1::CALL_STATUS_FAILED));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(telephony::FromProto(outcome->outcome.told.ended_at()), kAt);
}

TEST(CallOutcomeTest, TheErrorComesAlong) {
  CallEvent event = Event(calls::v1::CALL_STATUS_FAILED);
  event.mutable_call()->mutable_error()->set_message("no such number");
  EXPECT_EQ(OutcomeOf(event)->outcome.told.error().message(), "no such number");
}

TEST(CallOutcomeTest, ACallThatGoesOnHasNone) {
  for (const auto status : {calls::v1::CALL_STATUS_INITIATED, calls::v1::CALL_STATUS_QUEUED,
                            calls::v1::CALL_STATUS_RINGING, calls::v1::CALL_STATUS_ANSWERED}) {
    EXPECT_FALSE(OutcomeOf(Event(status)).has_value()) << status;
  }
}

TEST(CallOutcomeTest, WhatIsOfNoAttemptIsLeft) {
  CallEvent event = Event(calls::v1::CALL_STATUS_COMPLETED);
  event.mutable_call()->mutable_details()->clear_attempt_id();
  EXPECT_FALSE(OutcomeOf(event).has_value());
  for (const auto spoil : {&CallEvent::clear_business_id, &CallEvent::clear_call_id}) {
    CallEvent spoiled = Event(calls::v1::CALL_STATUS_COMPLETED);
    (spoiled.*spoil)();
    EXPECT_FALSE(OutcomeOf(spoiled).has_value());
  }
  event = Event(calls::v1::CALL_STATUS_COMPLETED);
  event.mutable_call()->mutable_details()->set_attempt_id("'; DROP TABLE attempts");
  EXPECT_FALSE(OutcomeOf(event).has_value());
}

TEST(CallOutcomeTest, AMachineThatPicksUpIsToldWhileTheCallGoesOn) {
  CallEvent event = Event(calls::v1::CALL_STATUS_ANSWERED);
  event.set_type(events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED);
  EXPECT_FALSE(TellsOfMachine(event)) << "nobody knows who it is";
  event.mutable_call()->mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_HUMAN);
  EXPECT_FALSE(TellsOfMachine(event));
  for (const auto who : {calls::v1::ANSWERED_BY_MACHINE, calls::v1::ANSWERED_BY_FAX}) {
    event.mutable_call()->mutable_details()->set_answered_by(who);
    EXPECT_TRUE(TellsOfMachine(event));
  }
  CallEvent other = event;
  other.set_type(events::v1::CALL_EVENT_TYPE_ANSWERED);
  EXPECT_FALSE(TellsOfMachine(other)) << "it was told before";
  event.mutable_call()->set_status(calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_FALSE(TellsOfMachine(event));
}

}  // namespace
}  // namespace trunkline::scheduler
