#include "services/gateway/dialing/bulk_dialer.h"

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/event_id.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using control::v1::InitiateCallsRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BulkDialerTest : public GatewayFixture {
 protected:
  InitiateCallsRequest Bulk(int numbers) {
    InitiateCallsRequest request;
    request.set_request_id(NewId());
    *request.mutable_common()->mutable_plan() = Request().plan();
    for (int i = 0; i < numbers; ++i) request.add_to(Concat("+1202555", 1000 + i));
    return request;
  }

  BulkDialer bulk_{pipeline_, requests_};
};

TEST_F(BulkDialerTest, NumbersAreAskedForTogetherWhereTheProviderCan) {
  client_.features.insert(providers::v1::FEATURE_BULK_DIAL);
  const InitiateCallsRequest request = Bulk(3);
  const auto response = bulk_.Initiate(CallerOf(kOurs), request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_THAT(client_.bulks(), SizeIs(1));
  const providers::BulkDialRequest asked = client_.bulks().front();
  EXPECT_THAT(asked.to, SizeIs(3));
  EXPECT_THAT(client_.placed(), IsEmpty());
  for (int i = 0; i < 3; ++i) {
    const control::v1::InitiateCallsResult& result = response->results(i);
    EXPECT_EQ(result.to(), request.to(i));
    // The call's id is what a webhook's URL and number give.
    EXPECT_EQ(result.call().record().call_id(), telephony::CallIdOfBulk(asked.bulk_id, request.to(i)));
    EXPECT_EQ(result.call().dial().state(), control::v1::DIAL_STATE_PLACED);
    EXPECT_EQ(result.call().record().details().external_call_id(), Concat("of ", request.to(i)));
  }
}

TEST_F(BulkDialerTest, NumbersAreAskedForOneByOneWhereItCannot) {
  const auto response = bulk_.Initiate(CallerOf(kOurs), Bulk(20));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(client_.placed(), SizeIs(20));
  EXPECT_THAT(client_.bulks(), IsEmpty());
}

TEST_F(BulkDialerTest, ABulkThatComesAgainDialsNobodyTwice) {
  client_.features.insert(providers::v1::FEATURE_BULK_DIAL);
  InitiateCallsRequest request = Bulk(2);
  const auto first = bulk_.Initiate(CallerOf(kOurs), request);
  request.add_to("+12025552000");
  const auto second = bulk_.Initiate(CallerOf(kOurs), request);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_THAT(client_.bulks(), SizeIs(2));
  EXPECT_THAT(client_.bulks().back().to, ElementsAre("+12025552000"));
  EXPECT_EQ(second->results(0).call().record().call_id(), first->results(0).call().record().call_id());
  // Another business's request with the same id is another bulk.
  EXPECT_TRUE(bulk_.Initiate(CallerOf(kTheirs), request)->results(0).has_call());
  EXPECT_THAT(client_.bulks().back().to, SizeIs(3));
}

TEST_F(BulkDialerTest, AWrongNumberKeepsNoOtherFromBeingDialled) {
  InitiateCallsRequest request = Bulk(1);
  request.add_to("nobody");
  const auto response = bulk_.Initiate(CallerOf(kOurs), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(response->results(0).has_call());
  EXPECT_EQ(response->results(1).error().code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(response->results(1).error().reason(), Reason::REASON_INVALID_FIELD);
}

TEST_F(BulkDialerTest, AWrongListIsRefusedWhole) {
  InitiateCallsRequest twice = Bulk(1);
  twice.add_to(twice.to(0));
  EXPECT_EQ(bulk_.Initiate(CallerOf(kOurs), twice).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(bulk_.Initiate(CallerOf(kOurs), Bulk(0)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(bulk_.Initiate(CallerOf(kOurs), Bulk(1001)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(client_.placed(), IsEmpty());
}

}  // namespace
}  // namespace trunkline::gateway
