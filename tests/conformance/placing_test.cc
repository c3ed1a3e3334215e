// Calls that are placed, and how they end.
#include "absl/time/time.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "tests/conformance/conformance_test.h"

namespace trunkline::conformance {
namespace {

using calls::v1::CallRecord;
using providers::DialOutcome;
using providers::LiveCall;
using testing::AnyOf;
using testing::IsEmpty;
using testing::SizeIs;

class PlacingTest : public ConformanceTest {
 protected:
  CallRecord PlaceToItsEnd(int story, providers::DialOptions options = {}) {
    const LiveCall call = Place(story, options);
    harness_.WaitForEnd(call.call_id);
    EXPECT_THAT(harness_.Problems(), IsEmpty());
    CallRecord record = harness_.RecordOf(call.call_id);
    EXPECT_EQ(record.details().external_call_id(), call.external_call_id);
    EXPECT_EQ(record.details().direction(), calls::v1::CALL_DIRECTION_OUTBOUND);
    EXPECT_EQ(record.details().provider(), GetParam().provider);
    EXPECT_EQ(record.details().provider_account_id(), account_.id);
    return record;
  }
};

TEST_P(PlacingTest, AnsweredCallTellsItsWholeLife) {
  const CallRecord record = PlaceToItsEnd(1);
  EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_COMPLETED);
  if (GetParam().tells_placed_numbers) {
    EXPECT_EQ(record.details().from(), GetParam().own_number);
    EXPECT_EQ(record.details().to(), Number(1));
  }
  EXPECT_THAT(record.hangup().cause(),
              AnyOf(calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP));
  const auto& times = record.times();
  ASSERT_TRUE(times.has_answered_at());
  ASSERT_TRUE(times.has_ended_at());
  EXPECT_LE(telephony::ToMicros(times.answered_at()), telephony::ToMicros(times.ended_at()));
  if (times.has_ringing_at()) {
    EXPECT_LE(telephony::ToMicros(times.ringing_at()), telephony::ToMicros(times.answered_at()));
  }
  // Some bill a call after they told its end.
  EXPECT_TRUE(harness_.WaitUntil([&] { return harness_.RecordOf(record.call_id()).durations().talk().seconds() > 0; }));
  EXPECT_FALSE(record.has_error()) << record.error().ShortDebugString();
}

TEST_P(PlacingTest, CostBecomesKnown) {
  NEEDS(FEATURE_COST);
  const LiveCall call = Place(1);
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  // By an event, or where the provider tells it only when it is asked, by asking.
  harness_.WaitUntil([&] {
    if (harness_.RecordOf(call.call_id).details().cost().micros() > 0) return true;
    if (!Has(providers::v1::FEATURE_FETCH_CALL)) return false;
    const auto fetched = client().FetchCall(account_, call.external_call_id);
    return fetched.ok() && fetched->event.details().cost().micros() > 0 &&
           fetched->event.details().cost().currency().size() == 3;
  });
}

TEST_P(PlacingTest, QualityIsTold) {
  NEEDS(FEATURE_QUALITY);
  const LiveCall call = Place(1);
  harness_.WaitUntil([&] {
    const double score = harness_.RecordOf(call.call_id).details().quality().mean_opinion_score();
    return score >= 1 && score <= 5;
  });
}

TEST_P(PlacingTest, BusyNumber) {
  const CallRecord record = PlaceToItsEnd(50);
  EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_BUSY);
  EXPECT_EQ(record.hangup().cause(), calls::v1::HANGUP_CAUSE_BUSY);
  EXPECT_FALSE(record.times().has_answered_at());
}

TEST_P(PlacingTest, NobodyAnswers) {
  const CallRecord record = PlaceToItsEnd(51, {.ring_timeout = absl::Seconds(20)});
  EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_NO_ANSWER);
  EXPECT_EQ(record.hangup().cause(), calls::v1::HANGUP_CAUSE_TIMEOUT);
  EXPECT_FALSE(record.times().has_answered_at());
}

TEST_P(PlacingTest, NumberThatCannotBeReached) {
  const CallRecord record = PlaceToItsEnd(52);
  EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_FAILED);
  EXPECT_NE(record.hangup().cause(), calls::v1::HANGUP_CAUSE_UNSPECIFIED);
}

TEST_P(PlacingTest, CalleeDeclines) {
  const CallRecord record = PlaceToItsEnd(54);
  EXPECT_THAT(record.status(),
              AnyOf(calls::v1::CALL_STATUS_BUSY, calls::v1::CALL_STATUS_FAILED, calls::v1::CALL_STATUS_NO_ANSWER));
  EXPECT_THAT(record.hangup().cause(), AnyOf(calls::v1::HANGUP_CAUSE_REJECTED, calls::v1::HANGUP_CAUSE_BUSY));
}

TEST_P(PlacingTest, MachineIsDetected) {
  NEEDS(FEATURE_MACHINE_DETECTION);
  harness_.SetPlan(PausePlan(10));
  const LiveCall machine = Place(55, {.detect_machine = true});
  const LiveCall human = Place(1, {.detect_machine = true});
  harness_.WaitForEnd(machine.call_id);
  harness_.WaitForEnd(human.call_id);
  EXPECT_EQ(harness_.RecordOf(machine.call_id).details().answered_by(), calls::v1::ANSWERED_BY_MACHINE);
  EXPECT_EQ(harness_.RecordOf(human.call_id).details().answered_by(), calls::v1::ANSWERED_BY_HUMAN);
}

TEST_P(PlacingTest, ManyCallsWithOneRequest) {
  NEEDS(FEATURE_BULK_DIAL);
  const std::string bulk = NewCallId();
  const std::vector<std::string> numbers = {Number(1), Number(2), Number(50)};
  const auto outcomes =
      client().PlaceCalls(account_, {.bulk_id = bulk, .to = numbers, .options = {.from = GetParam().own_number}});
  ASSERT_THAT(outcomes, SizeIs(numbers.size()));
  for (const DialOutcome& outcome : outcomes) EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
  for (const std::string& number : numbers) {
    const std::string call_id = telephony::CallIdOfBulk(bulk, number);
    ASSERT_TRUE(harness_.WaitForEnd(call_id));
    EXPECT_EQ(harness_.RecordOf(call_id).details().to(), number);
    EXPECT_EQ(harness_.RecordOf(call_id).status(),
              number == Number(50) ? calls::v1::CALL_STATUS_BUSY : calls::v1::CALL_STATUS_COMPLETED);
  }
}

INSTANTIATE_FOR_ALL_PROVIDERS(PlacingTest);

}  // namespace
}  // namespace trunkline::conformance
