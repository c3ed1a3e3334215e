#include "services/normalizer/batch_mapper.h"

#include <gtest/gtest.h>

#include <random>

#include "libs/base/clock.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/built_in_platforms.h"
#include "tests/support/fake_provider.h"

namespace trunkline::normalizer {
namespace {

webhooks::v1::RawWebhook Raw(const std::string& body) {
  webhooks::v1::RawWebhook raw;
  raw.set_webhook_id("0190b2c3-0000-7000-8000-000000000001");
  raw.set_provider("fake");
  raw.set_provider_account_id("0190b2c3-0000-7000-8000-000000000002");
  raw.set_business_id("0190b2c3-0000-7000-8000-000000000003");
  raw.set_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  *raw.mutable_received_at() = telephony::ToProto(absl::FromUnixSeconds(100));
  raw.mutable_http()->set_body(body);
  return raw;
}

class BatchMapperTest : public ::testing::Test {
 protected:
  MappedMessage Map(const std::string& value) { return mapper_.Map({"raw", 3, 42}, "key", value); }
  MappedMessage Map(const webhooks::v1::RawWebhook& raw) { return Map(raw.SerializeAsString()); }

  providers::Registry registry_ = testing_support::FakeRegistry();
  SystemClock clock_;
  tracking::Registry platforms_ = tracking::BuiltInPlatforms({.clock = &clock_});
  BatchMapper mapper_{registry_, platforms_};
};

TEST_F(BatchMapperTest, AnEventComesOutComplete) {
  const MappedMessage message = Map(Raw("id=c1&event=RINGING&status=RINGING&at=99"));
  ASSERT_FALSE(message.refusal.has_value()) << message.refusal->error;
  ASSERT_EQ(message.events.size(), 1u);
  const events::v1::CallEvent& event = message.events[0];
  EXPECT_EQ(event.business_id(), "0190b2c3-0000-7000-8000-000000000003");
  EXPECT_EQ(event.raw().webhook_id(), "0190b2c3-0000-7000-8000-000000000001");
  EXPECT_EQ(event.raw().partition(), 3);
  EXPECT_EQ(event.raw().offset(), 42);
  EXPECT_EQ(event.mapping_version(), 7);
  EXPECT_EQ(event.traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST_F(BatchMapperTest, WhatCanNeverBeProcessedHasItsReason) {
  EXPECT_EQ(Map(std::string("\xFF\xFF no protobuf")).refusal->reason, "UNREADABLE_MESSAGE");
  EXPECT_EQ(Map(Raw("nothing")).refusal->reason, "MAPPING_FAILED");
  webhooks::v1::RawWebhook unknown = Raw("id=c1");
  unknown.set_provider("nobody");
  EXPECT_EQ(Map(unknown).refusal->reason, "UNKNOWN_PROVIDER");
  webhooks::v1::RawWebhook incomplete = Raw("id=c1");
  incomplete.set_business_id("x");
  EXPECT_EQ(Map(incomplete).refusal->reason, "INVALID_MESSAGE");
  webhooks::v1::RawWebhook fact = Raw("");
  fact.mutable_fact()->set_event_id("no uuid");
  EXPECT_EQ(Map(fact).refusal->reason, "INVALID_EVENT");
}

TEST_F(BatchMapperTest, ARecordOfATrackingPlatformIsMappedLikeAnyWebhook) {
  webhooks::v1::RawWebhook raw = Raw("");
  raw.set_provider("retreaver");
  raw.mutable_record()->set_body(R"({"uuid":"c1","status":"finished","connected":true,"revenue":"32.5",)"
                                 R"("start_time":"2026-03-02T14:05:11Z","updated_at":"2026-03-02T14:09:08Z"})");
  *raw.mutable_record()->mutable_requested_at() = telephony::ToProto(absl::FromUnixSeconds(200));
  const MappedMessage message = Map(raw);
  ASSERT_FALSE(message.refusal.has_value()) << message.refusal->error;
  ASSERT_EQ(message.events.size(), 3u);
  EXPECT_EQ(message.events[2].details().revenue().micros(), 32'500'000);
  EXPECT_EQ(message.events[2].business_id(), raw.business_id());
  raw.mutable_record()->set_body("{}");
  EXPECT_EQ(Map(raw).refusal->reason, "MAPPING_FAILED");
}

TEST_F(BatchMapperTest, AWebhookThatTellsNothingIsNoDeadLetter) {
  const MappedMessage message = Map(Raw("id=c1"));
  EXPECT_FALSE(message.refusal.has_value());
  EXPECT_TRUE(message.events.empty());
}

TEST_F(BatchMapperTest, AnyBytesGiveAnAnswer) {
  std::mt19937 random(1);
  const std::string good = Raw("id=c1&event=RINGING&status=RINGING&at=99").SerializeAsString();
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes = good;
    for (int flips = 0; flips < 4; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 1));
    const MappedMessage message = Map(bytes);
    EXPECT_EQ(message.value, bytes);
  }
}

}  // namespace
}  // namespace trunkline::normalizer
