#include "services/call-tracking-sync/numbers/number_settlement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Step = Settlement::Step;

const absl::Time kSentAt = absl::FromUnixSeconds(1'772'460'000);

OrderInDoubt Order(int attempts = 1) {
  OrderInDoubt order = {.attempts = attempts, .sent_at = kSentAt};
  order.wish.set_campaign_id("CA1");
  order.wish.set_publisher_id("PB1");
  return order;
}

ListedNumber New(const std::string& number) {
  return {.number = {.id = number,
                     .number = number,
                     .country = "US",
                     .campaign_id = "CA1",
                     .publisher_id = "PB1",
                     .provisioned_at = kSentAt + absl::Seconds(3)},
          .first_seen_at = kSentAt + absl::Minutes(1)};
}

absl::Status Failure(tracking::v1::TrackingErrorCode code) {
  return tracking::StatusOf(tracking::MakeError("mock", code, "refused"));
}

TEST(NumberSettlementTest, WhatMayHaveBeenBoughtIsUnknown) {
  for (const auto code : {tracking::v1::TRACKING_ERROR_CODE_TIMEOUT, tracking::v1::TRACKING_ERROR_CODE_NETWORK,
                          tracking::v1::TRACKING_ERROR_CODE_SERVER_ERROR, tracking::v1::TRACKING_ERROR_CODE_MAINTENANCE,
                          tracking::v1::TRACKING_ERROR_CODE_BAD_RESPONSE}) {
    EXPECT_EQ(AnswerOf(Failure(code)), OrderAnswer::kUnknown) << code;
  }
  EXPECT_EQ(AnswerOf(absl::OkStatus()), OrderAnswer::kBought);
  EXPECT_EQ(AnswerOf(Failure(tracking::v1::TRACKING_ERROR_CODE_OUT_OF_STOCK)), OrderAnswer::kNotBought);
  EXPECT_EQ(AnswerOf(Failure(tracking::v1::TRACKING_ERROR_CODE_INSUFFICIENT_FUNDS)), OrderAnswer::kNotBought);
  EXPECT_EQ(AnswerOf(Failure(tracking::v1::TRACKING_ERROR_CODE_UNSUPPORTED)), OrderAnswer::kNotBought);
  EXPECT_EQ(AnswerOf(Failure(tracking::v1::TRACKING_ERROR_CODE_RATE_LIMITED)), OrderAnswer::kTryLater);
  // The gate's own word: nothing was sent.
  EXPECT_EQ(AnswerOf(absl::ResourceExhaustedError("the day's requests are used up")), OrderAnswer::kNotSent);
}

TEST(NumberSettlementTest, TheOnlyNewNumberIsTheOrders) {
  ListedNumber old = New("+12025550101");
  old.first_seen_at = kSentAt;
  const Settlement settlement = Settle(Order(), {old, New("+12025550102")});
  EXPECT_EQ(settlement.step, Step::kAdopt);
  EXPECT_EQ(settlement.number.number, "+12025550102");
  EXPECT_THAT(settlement.warnings, IsEmpty());
}

TEST(NumberSettlementTest, WhatAnotherCampaignHasOrWasGivenBeforeIsNotTheOrders) {
  ListedNumber another = New("+12025550101");
  another.number.campaign_id = "CA2";
  ListedNumber published = New("+12025550102");
  published.number.publisher_id = "PB2";
  ListedNumber before = New("+12025550103");
  before.number.provisioned_at = kSentAt - absl::Minutes(6);
  ListedNumber released = New("+12025550104");
  released.number.status = tracking::NumberStatus::kReleased;
  EXPECT_EQ(Settle(Order(), {another, published, before, released}).step, Step::kRepeat);
}

TEST(NumberSettlementTest, AnOrderThatGaveNothingIsRepeatedOnce) {
  EXPECT_EQ(Settle(Order(1), {}).step, Step::kRepeat);
  EXPECT_EQ(Settle(Order(2), {}).step, Step::kGiveUp);
}

TEST(NumberSettlementTest, OfSeveralNewNumbersAPersonMustTell) {
  const Settlement settlement = Settle(Order(), {New("+12025550101"), New("+12025550102")});
  EXPECT_EQ(settlement.step, Step::kReview);
  EXPECT_THAT(settlement.candidates, ElementsAre("+12025550101", "+12025550102"));
}

TEST(NumberSettlementTest, ANumberThatWasNotTiedIsKeptOnlyWhenThatIsWished) {
  ListedNumber untied = New("+12025550101");
  untied.number.campaign_id.clear();
  untied.number.publisher_id.clear();
  untied.number.provisioned_at.reset();
  EXPECT_EQ(Settle(Order(), {untied}).step, Step::kRelease);
  OrderInDoubt order = Order();
  order.wish.set_keep_on_partial_failure(true);
  const Settlement settlement = Settle(order, {untied});
  EXPECT_EQ(settlement.step, Step::kAdopt);
  EXPECT_THAT(settlement.warnings, ElementsAre("not_tied"));
}

}  // namespace
}  // namespace trunkline::tracking_sync
