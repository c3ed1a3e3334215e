#include "services/call-tracking-sync/numbers/number_keeper.h"

#include "services/call-tracking-sync/numbers/number_requests.h"
#include "services/call-tracking-sync/testing/memory_fixture.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using tracking::v1::NumberOrder;
using tracking::v1::TrackedNumber;

class NumberKeeperTest : public MemoryFixture {
 protected:
  static tracking::v1::OrderTrackingNumberRequest Wish() {
    tracking::v1::OrderTrackingNumberRequest request;
    request.set_request_id(NewId());
    request.set_provider_account_id(kAccount);
    request.mutable_wish()->set_campaign_id("CA1");
    request.mutable_wish()->set_publisher_id("PB1");
    return request;
  }
  std::string Order() {
    const tracking::v1::OrderTrackingNumberRequest request = Wish();
    const auto order = requests_.Order(Us(), request);
    EXPECT_TRUE(order.ok()) << order.status();
    return request.request_id();
  }
  NumberOrder Get(const std::string& request_id) { return *requests_.GetOrder(kOurs, request_id); }
  // Does what is due, each thing by a keeper of its own.
  void Work() {
    for (int i = 0; i < 20; ++i) {
      NumberKeeper keeper(worker_pool_, clock_, {});
      const absl::StatusOr<bool> worked = keeper.WorkOn(MemoryFixture::Work());
      ASSERT_TRUE(worked.ok()) << worked.status();
      if (!*worked) return;
    }
    ADD_FAILURE() << "there is always more to do";
  }
  std::vector<TrackedNumber> Numbers(bool with_released = false) {
    tracking::v1::ListTrackingNumbersRequest request;
    request.set_with_released(with_released);
    const auto response = requests_.List(kOurs, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return {response->numbers().begin(), response->numbers().end()};
  }
  void PutAtPlatform(const std::string& number) {
    client().numbers[number] = {
        .id = number, .number = number, .country = "US", .campaign_id = "CA1", .publisher_id = "PB1"};
  }
  static absl::Status TimeOut() { return MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_TIMEOUT); }

  NumberRequests::Memory memory_{{}, clock_};
  NumberRequests requests_{pool_, platforms_, memory_, clock_, {.most_orders_a_day = 3}};
};

TEST_F(NumberKeeperTest, AnOrderGivesANumber) {
  const std::string id = Order();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_PENDING);
  Work();
  const NumberOrder order = Get(id);
  EXPECT_EQ(order.state(), tracking::v1::NUMBER_ORDER_STATE_COMPLETED);
  EXPECT_TRUE(order.number().managed());
  EXPECT_EQ(order.number().campaign_id(), "CA1");
  EXPECT_EQ(order.attempts(), 1);
  EXPECT_EQ(client().provisions, 1);
}

TEST_F(NumberKeeperTest, ARepeatedRequestGivesTheSameOrder) {
  const tracking::v1::OrderTrackingNumberRequest request = Wish();
  ASSERT_TRUE(requests_.Order(Us(), request).ok());
  Work();
  const auto again = requests_.Order(Us(), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->state(), tracking::v1::NUMBER_ORDER_STATE_COMPLETED);
  Work();
  EXPECT_EQ(client().provisions, 1);
  tracking::v1::OrderTrackingNumberRequest another = request;
  another.mutable_wish()->set_toll_free(true);
  EXPECT_EQ(ReasonOf(requests_.Order(Us(), another).status()), Reason::REASON_REQUEST_ID_REUSED);
}

// Contract 20.25.
TEST_F(NumberKeeperTest, APurchaseThatTimesOutIsAdoptedAndNotBoughtTwice) {
  PutAtPlatform("+18885550001");  // was there before
  client().provision_failures = {TimeOut()};
  client().buys_in_spite = true;
  const std::string id = Order();
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_UNKNOWN);
  EXPECT_THAT(Get(id).error(), HasSubstr("timeout"));
  clock_.Advance(absl::Minutes(1));
  Work();
  const NumberOrder order = Get(id);
  EXPECT_EQ(order.state(), tracking::v1::NUMBER_ORDER_STATE_COMPLETED);
  EXPECT_EQ(order.number().number(), "+18885551001");
  EXPECT_TRUE(order.number().managed());
  EXPECT_EQ(client().provisions, 1);
}

TEST_F(NumberKeeperTest, APurchaseThatTimedOutAndGaveNothingIsRepeatedOnce) {
  client().provision_failures = {TimeOut()};
  std::string id = Order();
  Work();
  clock_.Advance(absl::Minutes(1));
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_COMPLETED);
  EXPECT_EQ(Get(id).attempts(), 2);
  EXPECT_EQ(client().provisions, 2);

  client().provision_failures = {TimeOut(), TimeOut()};
  id = Order();
  for (int i = 0; i < 4; ++i) {
    Work();
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_FAILED);
  EXPECT_EQ(client().provisions, 4);
}

TEST_F(NumberKeeperTest, AnOrderThatACrashLeftIsInDoubt) {
  Work();  // the list is known
  const std::string id = Order();
  // The process died after the platform had sold the number, and before that was written down.
  client().provision_failures = {TimeOut()};
  client().buys_in_spite = true;
  AccountAtWork dying = MemoryFixture::Work();
  int fences = 0;
  dying.fence = [&, whole = dying.fence](postgres::Transaction& tx) {
    return client().provisions > 0 && ++fences > 0 ? absl::UnavailableError("died") : whole(tx);
  };
  NumberKeeper keeper(worker_pool_, clock_, {});
  EXPECT_FALSE(keeper.WorkOn(dying).ok());
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_ORDERING);
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_UNKNOWN);
  clock_.Advance(absl::Minutes(1));
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_COMPLETED);
  EXPECT_EQ(client().provisions, 1);
}

TEST_F(NumberKeeperTest, WhileAnOrderIsInDoubtNoOtherIsSent) {
  client().provision_failures = {TimeOut()};
  client().buys_in_spite = true;
  const std::string first = Order();
  clock_.Advance(absl::Seconds(1));
  const std::string second = Order();
  Work();
  EXPECT_EQ(client().provisions, 1);
  EXPECT_EQ(Get(second).state(), tracking::v1::NUMBER_ORDER_STATE_PENDING);
  clock_.Advance(absl::Minutes(1));
  Work();
  EXPECT_EQ(Get(first).number().number(), "+18885551001");
  EXPECT_EQ(Get(second).number().number(), "+18885551002");
}

TEST_F(NumberKeeperTest, OfSeveralNewNumbersAPersonTells) {
  client().provision_failures = {TimeOut()};
  client().buys_in_spite = true;
  const std::string id = Order();
  Work();
  PutAtPlatform("+18885550009");  // somebody bought it in the portal meanwhile
  clock_.Advance(absl::Minutes(1));
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_NEEDS_REVIEW);
  EXPECT_THAT(Get(id).candidates(), ElementsAre("+18885550009", "+18885551001"));
  tracking::v1::SettleNumberOrderRequest settle;
  settle.set_request_id(id);
  settle.set_number("+18885550000");
  EXPECT_EQ(ReasonOf(requests_.SettleOrder(Us(), settle).status()), Reason::REASON_INVALID_FIELD);
  settle.set_number("+18885551001");
  const auto order = requests_.SettleOrder(Us(), settle);
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_TRUE(order->number().managed());
  EXPECT_EQ(ReasonOf(requests_.SettleOrder(Us(), settle).status()), Reason::REASON_ILLEGAL_TRANSITION);
  EXPECT_EQ(client().provisions, 1);
}

TEST_F(NumberKeeperTest, ARefusalEndsTheOrderAndWhatWasNotSentIsNoAttempt) {
  client().provision_failures = {absl::ResourceExhaustedError("its turn would come too late"),
                                 MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_RATE_LIMITED),
                                 MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_OUT_OF_STOCK)};
  const std::string id = Order();
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_PENDING);
  EXPECT_EQ(Get(id).attempts(), 0);
  clock_.Advance(absl::Minutes(1));
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_PENDING);
  clock_.Advance(absl::Minutes(1));
  Work();
  EXPECT_EQ(Get(id).state(), tracking::v1::NUMBER_ORDER_STATE_FAILED);
  EXPECT_THAT(Get(id).error(), HasSubstr("out_of_stock"));
}

TEST_F(NumberKeeperTest, AnAccountOrdersOnlySoManyNumbersADay) {
  for (int i = 0; i < 3; ++i) Order();
  EXPECT_EQ(ReasonOf(requests_.Order(Us(), Wish()).status()), Reason::REASON_LIMIT_REACHED);
  clock_.Advance(absl::Hours(24));
  EXPECT_TRUE(requests_.Order(Us(), Wish()).ok());
}

TEST_F(NumberKeeperTest, TheListBringsNumbersInAndTellsThoseThatAreGone) {
  PutAtPlatform("+18885550001");
  PutAtPlatform("+18885550002");
  Work();
  ASSERT_THAT(Numbers(), SizeIs(2));
  EXPECT_FALSE(Numbers()[0].managed());
  client().numbers.erase("+18885550001");
  Work();
  EXPECT_THAT(Numbers(), SizeIs(2));  // until the next day
  clock_.Advance(absl::Hours(24));
  Work();
  ASSERT_THAT(Numbers(), SizeIs(1));
  ASSERT_THAT(Numbers(/*with_released=*/true), SizeIs(2));
  EXPECT_EQ(Numbers(true)[0].state(), tracking::v1::TRACKING_NUMBER_STATE_RELEASED);
  // A list that cannot be read releases nothing.
  client().failures = {MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_SERVER_ERROR)};
  clock_.Advance(absl::Hours(24));
  Work();
  EXPECT_THAT(Numbers(), SizeIs(1));
}

TEST_F(NumberKeeperTest, ANumberIsReleasedWhenNoCallCameInLately) {
  PutAtPlatform("+18885550164");
  Work();
  PutHere(MakeCall("C1", absl::Hours(3)));
  tracking::v1::ReleaseTrackingNumberRequest request;
  request.set_provider_account_id(kAccount);
  request.set_number("+18885550164");
  EXPECT_EQ(ReasonOf(requests_.Release(Us(), request).status()), Reason::REASON_NUMBER_IN_USE);
  EXPECT_EQ(ReasonOf(requests_.Release(Them(), request).status()), Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND);
  request.set_force(true);
  const auto releasing = requests_.Release(Us(), request);
  ASSERT_TRUE(releasing.ok()) << releasing.status();
  EXPECT_EQ(releasing->state(), tracking::v1::TRACKING_NUMBER_STATE_RELEASING);
  Work();
  EXPECT_THAT(client().released, ElementsAre("+18885550164"));
  EXPECT_THAT(Numbers(), SizeIs(1));  // the platform may list it for a while
  clock_.Advance(absl::Minutes(10));
  Work();
  EXPECT_THAT(Numbers(), IsEmpty());
  EXPECT_TRUE(requests_.Release(Us(), request).ok());
  Work();
  EXPECT_THAT(client().released, SizeIs(1));
}

TEST_F(NumberKeeperTest, ANumberIsReadFromMemoryUntilOneChanged) {
  PutAtPlatform("+18885550001");
  Work();
  EXPECT_EQ(ReasonOf(requests_.Get(kTheirs, "+18885550001").status()), Reason::REASON_TRACKING_NUMBER_NOT_FOUND);
  ASSERT_TRUE(requests_.Get(kOurs, "+18885550001").ok());
  ASSERT_TRUE(requests_.Get(kOurs, "+18885550001").ok());
  EXPECT_EQ(memory_.counts().hits, 1);
  memory_.ForgetAll();
  ASSERT_TRUE(requests_.Get(kOurs, "+18885550001").ok());
  EXPECT_EQ(memory_.counts().hits, 1);
}

}  // namespace
}  // namespace trunkline::tracking_sync
