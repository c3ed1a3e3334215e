// Calls in progress under control.
#include "libs/telephony/call_status.h"
#include "tests/conformance/conformance_test.h"

namespace trunkline::conformance {
namespace {

using providers::Controlled;
using providers::LiveCall;

class ControlsTest : public ConformanceTest {
 protected:
  ControlsTest() { SetPace(kLasting); }

  // It worked, and where the provider tells of it, it did.
  void ExpectDone(const absl::StatusOr<Controlled>& done, const LiveCall& call, events::v1::CallEventType type,
                  size_t count = 1) {
    ASSERT_TRUE(done.ok()) << done.status();
    if (done->provider_tells) harness_.WaitForEvent(call.call_id, type, count);
  }
  bool IsLive(const LiveCall& call) { return !telephony::IsEnded(harness_.RecordOf(call.call_id).status()); }
};

TEST_P(ControlsTest, HoldAndResume) {
  NEEDS(FEATURE_HOLD);
  const LiveCall call = PlaceLasting(true);
  if (GetParam().holds_members_only) {
    EXPECT_EQ(controls().Hold(account_, call, "").status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(controls().JoinConference(account_, call, {.name = "room-42"}).ok());
  }
  for (const size_t round : {1, 2}) {
    SCOPED_TRACE(round);
    ExpectDone(controls().Hold(account_, call, ""), call, events::v1::CALL_EVENT_TYPE_HELD, round);
    EXPECT_TRUE(controls().Hold(account_, call, "").ok());
    EXPECT_TRUE(IsLive(call));
    ExpectDone(controls().Resume(account_, call), call, events::v1::CALL_EVENT_TYPE_RESUMED, round);
    EXPECT_TRUE(IsLive(call));
  }
  End(call);
}

TEST_P(ControlsTest, ResumeWithoutHoldIsFine) {
  NEEDS(FEATURE_HOLD);
  const LiveCall call = PlaceLasting(false);
  EXPECT_TRUE(controls().Resume(account_, call).ok());
  EXPECT_TRUE(IsLive(call));
  End(call);
}

TEST_P(ControlsTest, BlindTransfer) {
  NEEDS(FEATURE_BLIND_TRANSFER);
  const LiveCall call = PlaceLasting(true);
  ExpectDone(controls().Transfer(account_, call, {.target = Number(2)}), call, events::v1::CALL_EVENT_TYPE_TRANSFERRED);
  EXPECT_TRUE(IsLive(call));
  End(call);
}

TEST_P(ControlsTest, AttendedTransferIsCompleted) {
  NEEDS(FEATURE_ATTENDED_TRANSFER);
  const LiveCall call = PlaceLasting(true);
  ExpectDone(controls().Transfer(account_, call, {.target = Number(2), .attended = true}), call,
             events::v1::CALL_EVENT_TYPE_HELD);
  // The target needs a while to answer.
  absl::Status completed;
  harness_.WaitUntil([&] {
    completed = controls().CompleteTransfer(account_, call).status();
    return completed.code() != absl::StatusCode::kFailedPrecondition;
  });
  EXPECT_TRUE(completed.ok()) << completed;
  EXPECT_TRUE(IsLive(call));
  End(call);
}

TEST_P(ControlsTest, AttendedTransferIsCanceled) {
  NEEDS(FEATURE_ATTENDED_TRANSFER);
  const LiveCall call = PlaceLasting(true);
  ExpectDone(controls().Transfer(account_, call, {.target = Number(2), .attended = true}), call,
             events::v1::CALL_EVENT_TYPE_HELD);
  ExpectDone(controls().CancelTransfer(account_, call), call, events::v1::CALL_EVENT_TYPE_RESUMED);
  EXPECT_TRUE(IsLive(call));
  End(call);
}

TEST_P(ControlsTest, TransferThatWasNotBegunCannotBeCompleted) {
  NEEDS(FEATURE_ATTENDED_TRANSFER);
  const LiveCall call = PlaceLasting(false);
  EXPECT_FALSE(controls().CompleteTransfer(account_, call).ok());
  End(call);
}

TEST_P(ControlsTest, Conference) {
  NEEDS(FEATURE_CONFERENCE);
  const LiveCall call = PlaceLasting(false);
  ExpectDone(controls().JoinConference(account_, call, {.name = "room-42"}), call,
             events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED);
  EXPECT_TRUE(IsLive(call));
  End(call);
}

TEST_P(ControlsTest, Digits) {
  NEEDS(FEATURE_SEND_DIGITS);
  const LiveCall call = PlaceLasting(false);
  EXPECT_TRUE(controls().SendDigits(account_, call, "12w34#").ok());
  EXPECT_FALSE(controls().SendDigits(account_, call, "call me").ok());
  EXPECT_TRUE(IsLive(call));
  End(call);
}

TEST_P(ControlsTest, PlayAndStop) {
  NEEDS(FEATURE_PLAY);
  const LiveCall call = PlaceLasting(true);
  EXPECT_TRUE(controls().Play(account_, call, {.url = "https://example.com/a.mp3", .loop = true}).ok());
  EXPECT_TRUE(controls().StopPlaying(account_, call).ok());
  EXPECT_TRUE(controls().Play(account_, call, {.text = "Hello", .language = "en-US"}).ok());
  EXPECT_TRUE(IsLive(call));
  End(call);
}

TEST_P(ControlsTest, UpdateGivesAnotherPlan) {
  NEEDS(FEATURE_UPDATE_CALL);
  const LiveCall call = PlaceLasting(false);
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_hangup();
  EXPECT_TRUE(controls().Update(account_, call, plan).ok());
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  EXPECT_EQ(harness_.RecordOf(call.call_id).status(), calls::v1::CALL_STATUS_COMPLETED);
}

TEST_P(ControlsTest, InboundCallGetsItsPlan) {
  if (GetParam().start_inbound == nullptr) GTEST_SKIP() << "no calls come in";
  const LiveCall call = Receive();
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  const auto record = harness_.RecordOf(call.call_id);
  EXPECT_EQ(record.details().direction(), calls::v1::CALL_DIRECTION_INBOUND);
  EXPECT_EQ(record.details().from(), call.from);
  EXPECT_EQ(record.details().to(), call.to);
  EXPECT_EQ(record.details().external_call_id(), call.external_call_id);
  EXPECT_TRUE(telephony::IsEnded(record.status()));
}

TEST_P(ControlsTest, InboundCallIsRejected) {
  NEEDS(FEATURE_CALL_PLAN);
  if (GetParam().start_inbound == nullptr) GTEST_SKIP() << "no calls come in";
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_reject();
  harness_.SetPlan(plan);
  const LiveCall call = Receive();
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  const auto record = harness_.RecordOf(call.call_id);
  EXPECT_TRUE(telephony::IsEnded(record.status()));
  EXPECT_NE(record.status(), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_FALSE(record.times().has_answered_at());
}

TEST_P(ControlsTest, InboundCallThatWaitsIsAnswered) {
  NEEDS(FEATURE_ANSWER);
  harness_.SetPlan(PausePlan(250));
  const LiveCall call = Receive();
  ASSERT_TRUE(harness_.WaitUntil([&] { return !harness_.EventsOf(call.call_id).empty(); }));
  plans::v1::CallPlan plan;
  if (Has(providers::v1::FEATURE_CALL_PLAN)) plan.add_verbs()->mutable_say()->set_text("Thank you for waiting.");
  // A provider may need a moment between telling of a call and taking orders for it.
  absl::Status answered;
  harness_.WaitUntil([&] {
    answered = controls().Answer(account_, call, plan).status();
    return answered.code() != absl::StatusCode::kFailedPrecondition;
  });
  EXPECT_TRUE(answered.ok()) << answered;
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  EXPECT_EQ(harness_.RecordOf(call.call_id).status(), calls::v1::CALL_STATUS_COMPLETED);
}

TEST_P(ControlsTest, EndedCallTakesNoOrders) {
  NEEDS(FEATURE_UPDATE_CALL);
  NEEDS(FEATURE_END_CALL);
  const LiveCall call = PlaceLasting(false);
  End(call);
  const absl::Status status = controls().Update(account_, call, PausePlan(1)).status();
  EXPECT_THAT(status.code(), testing::AnyOf(absl::StatusCode::kFailedPrecondition, absl::StatusCode::kNotFound))
      << status;
}

INSTANTIATE_FOR_ALL_PROVIDERS(ControlsTest);

}  // namespace
}  // namespace trunkline::conformance
