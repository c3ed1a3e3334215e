#include "services/concurrency-governor/calls/call_event_reader.h"

#include <gtest/gtest.h>

namespace trunkline::governor {
namespace {

events::v1::CallEvent Event(calls::v1::CallStatus told, calls::v1::CallStatus known) {
  events::v1::CallEvent event;
  event.set_call_id("call");
  event.set_business_id("business");
  event.set_status(told);
  event.mutable_call()->set_status(known);
  event.mutable_call()->mutable_details()->set_provider_account_id("account");
  event.mutable_call()->mutable_details()->set_direction(calls::v1::CALL_DIRECTION_INBOUND);
  event.mutable_occurred_at()->set_seconds(1'800'000'000);
  return event;
}

TEST(NewsOfTest, TellsWhoseCallItIsAndWhichWayItGoes) {
  const auto news = NewsOf(Event(calls::v1::CALL_STATUS_RINGING, calls::v1::CALL_STATUS_RINGING));
  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->call_id, "call");
  EXPECT_EQ(news->subject.business_id, "business");
  EXPECT_EQ(news->subject.provider_account_id, "account");
  EXPECT_TRUE(news->inbound);
  EXPECT_FALSE(news->ended);
  EXPECT_EQ(news->at, absl::FromUnixSeconds(1'800'000'000));
}

TEST(NewsOfTest, AnEventThatComesAfterTheEndTellsTheEnd) {
  EXPECT_TRUE(NewsOf(Event(calls::v1::CALL_STATUS_COMPLETED, calls::v1::CALL_STATUS_COMPLETED))->ended);
  EXPECT_TRUE(NewsOf(Event(calls::v1::CALL_STATUS_RINGING, calls::v1::CALL_STATUS_COMPLETED))->ended);
}

TEST(NewsOfTest, WithoutACallThereIsNoNews) { EXPECT_FALSE(NewsOf({}).has_value()); }

}  // namespace
}  // namespace trunkline::governor
