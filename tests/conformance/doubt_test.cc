// Requests to place a call that fail: what was certainly not placed, and what is to be found out.
#include "libs/telephony/call_status.h"
#include "tests/conformance/conformance_test.h"

namespace trunkline::conformance {
namespace {

using providers::DialOutcome;
using testing::IsEmpty;

class DoubtTest : public ConformanceTest {
 protected:
  // What the list has of calls to the story's number.
  std::vector<providers::ProviderCall> Listed(int story) {
    const auto calls = client().ListCalls(account_, {.from = GetParam().own_number, .to = Number(story)});
    EXPECT_TRUE(calls.ok()) << calls.status();
    return calls.ok() ? *calls : std::vector<providers::ProviderCall>();
  }

  // The call was placed, but its caller cannot know.
  void ExpectDoubtThatIsResolved(int story) {
    harness_.SetPlan(PausePlan(60));
    const std::string call_id = NewCallId();
    const DialOutcome outcome = Dial(call_id, story);
    EXPECT_EQ(outcome.kind, DialOutcome::Kind::kInDoubt) << outcome.error.ShortDebugString();
    EXPECT_FALSE(outcome.error.retryable());
    if (!Has(providers::v1::FEATURE_LIST_CALLS) && !Has(providers::v1::FEATURE_LIST_LIVE_CALLS)) return;
    harness_.WaitUntil([&] { return !Listed(story).empty(); });
    const auto calls = Listed(story);
    ASSERT_EQ(calls.size(), 1);
    EXPECT_NE(calls[0].external_call_id, "");
    if (GetParam().tells_placed_numbers) {
      EXPECT_EQ(calls[0].to, Number(story));
    } else {
      EXPECT_EQ(calls[0].call_id, call_id);
    }
    // Its news find their way by the URLs that it was given.
    ASSERT_TRUE(harness_.WaitForEvent(call_id, events::v1::CALL_EVENT_TYPE_ANSWERED));
    EXPECT_EQ(harness_.RecordOf(call_id).details().external_call_id(), calls[0].external_call_id);
  }
};

TEST_P(DoubtTest, InvalidNumberIsRejectedForGood) {
  const DialOutcome outcome = Dial(NewCallId(), 56);
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kRejected);
  EXPECT_FALSE(outcome.error.retryable());
  EXPECT_NE(outcome.error.code(), calls::v1::CALL_ERROR_CODE_UNSPECIFIED);
}

TEST_P(DoubtTest, ErrorAlthoughTheCallWasPlaced) { ExpectDoubtThatIsResolved(57); }
TEST_P(DoubtTest, LostReply) { ExpectDoubtThatIsResolved(58); }
TEST_P(DoubtTest, SlowReply) {
  SetPace(0.1);
  ExpectDoubtThatIsResolved(59);
}

TEST_P(DoubtTest, ErrorBeforeTheCallWasPlaced) {
  const DialOutcome outcome = Dial(NewCallId(), 60);
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kInDoubt);
  if (Has(providers::v1::FEATURE_LIST_CALLS)) {
    EXPECT_THAT(Listed(60), IsEmpty());
  }
}

TEST_P(DoubtTest, TooManyRequestsMayBeAskedAgain) {
  const DialOutcome outcome = Dial(NewCallId(), 61);
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kRejected);
  EXPECT_TRUE(outcome.error.retryable());
  if (GetParam().limits_requests) {
    EXPECT_EQ(outcome.error.code(), calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  }
}

INSTANTIATE_FOR_ALL_PROVIDERS(DoubtTest);

}  // namespace
}  // namespace trunkline::conformance
