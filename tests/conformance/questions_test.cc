// What the provider is asked about calls, and their end.
#include "absl/time/clock.h"
#include "libs/telephony/call_status.h"
#include "tests/conformance/conformance_test.h"

namespace trunkline::conformance {
namespace {

using providers::LiveCall;
using providers::ProviderCall;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class QuestionsTest : public ConformanceTest {
 protected:
  std::vector<std::string> Listed(const providers::CallFilter& filter) {
    const auto calls = client().ListCalls(account_, filter);
    EXPECT_TRUE(calls.ok()) << calls.status();
    std::vector<std::string> ids;
    if (!calls.ok()) return ids;
    for (const ProviderCall& call : *calls) ids.push_back(call.external_call_id);
    return ids;
  }
};

TEST_P(QuestionsTest, CallIsFetched) {
  NEEDS(FEATURE_FETCH_CALL);
  // Some know their calls only while they last.
  const bool while_it_lasts = Has(providers::v1::FEATURE_LIST_LIVE_CALLS) && !Has(providers::v1::FEATURE_LIST_CALLS);
  if (while_it_lasts) SetPace(kLasting);
  const LiveCall call = while_it_lasts ? PlaceLasting(false) : Place(1);
  if (!while_it_lasts) {
    ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  }
  const auto fetched = client().FetchCall(account_, call.external_call_id);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->external_call_id, call.external_call_id);
  if (GetParam().tells_placed_numbers) {
    EXPECT_EQ(fetched->to, call.to);
  }
  EXPECT_EQ(fetched->event.status(),
            while_it_lasts ? calls::v1::CALL_STATUS_ANSWERED : calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(fetched->event.source(), events::v1::EVENT_SOURCE_RECONCILIATION);
  EXPECT_EQ(fetched->event.details().direction(), calls::v1::CALL_DIRECTION_OUTBOUND);
}

TEST_P(QuestionsTest, UnknownCallIsNotFound) {
  NEEDS(FEATURE_FETCH_CALL);
  EXPECT_EQ(client().FetchCall(account_, "CA00000000000000000000000000000000").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(QuestionsTest, EndedCallsAreListedByNumberAndTime) {
  NEEDS(FEATURE_LIST_CALLS);
  const LiveCall first = Place(1);
  const LiveCall second = Place(2);
  ASSERT_TRUE(harness_.WaitForEnd(first.call_id));
  ASSERT_TRUE(harness_.WaitForEnd(second.call_id));
  const absl::Time now = absl::Now();
  EXPECT_THAT(Listed({.to = first.to}), ElementsAre(first.external_call_id));
  EXPECT_THAT(Listed({.from = first.from, .to = second.to}), ElementsAre(second.external_call_id));
  const auto recent = Listed({.created_since = now - absl::Minutes(10), .created_before = now + absl::Minutes(10)});
  EXPECT_THAT(recent, Contains(first.external_call_id));
  EXPECT_THAT(recent, Contains(second.external_call_id));
  EXPECT_THAT(Listed({.to = first.to, .created_since = now + absl::Hours(1)}), IsEmpty());
  EXPECT_THAT(Listed({.to = first.to, .created_before = now - absl::Hours(1)}), IsEmpty());
}

TEST_P(QuestionsTest, LiveCallsAreListed) {
  if (!Has(providers::v1::FEATURE_LIST_CALLS)) NEEDS(FEATURE_LIST_LIVE_CALLS);
  SetPace(kLasting);
  const LiveCall call = PlaceLasting(false);
  EXPECT_THAT(Listed({}), Contains(call.external_call_id));
  End(call);
}

TEST_P(QuestionsTest, LiveCallIsEnded) {
  NEEDS(FEATURE_END_CALL);
  SetPace(kLasting);
  const LiveCall call = PlaceLasting(false);
  EXPECT_TRUE(client().EndCall(account_, call.external_call_id).ok());
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  EXPECT_EQ(harness_.RecordOf(call.call_id).status(), calls::v1::CALL_STATUS_COMPLETED);
  // Ending what has ended is no error.
  EXPECT_TRUE(client().EndCall(account_, call.external_call_id).ok());
}

TEST_P(QuestionsTest, RingingCallIsTakenBack) {
  NEEDS(FEATURE_END_CALL);
  SetPace(kLasting);
  const LiveCall call = Place(53);
  ASSERT_TRUE(harness_.WaitForEvent(call.call_id, events::v1::CALL_EVENT_TYPE_RINGING));
  EXPECT_TRUE(client().EndCall(account_, call.external_call_id).ok());
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  EXPECT_TRUE(telephony::IsEnded(harness_.RecordOf(call.call_id).status()));
  EXPECT_FALSE(harness_.RecordOf(call.call_id).times().has_answered_at());
}

INSTANTIATE_FOR_ALL_PROVIDERS(QuestionsTest);

}  // namespace
}  // namespace trunkline::conformance
