#include "libs/webhooks/raw_webhook_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::webhooks {
namespace {

using ::testing::Contains;
using ::testing::Pair;

v1::RawWebhook Webhook() {
  v1::RawWebhook webhook;
  webhook.set_webhook_id("w1");
  webhook.set_call_id("c1");
  webhook.set_business_id("b1");
  webhook.set_event("status");
  webhook.mutable_received_at()->set_seconds(1'772'528'400);
  return webhook;
}

TEST(RawWebhookMessageTest, AProvidersWebhookIsKeyedByItsCall) {
  v1::RawWebhook webhook = Webhook();
  webhook.mutable_http()->set_body("a=b");
  const kafka::OutgoingMessage message = MessageOf(webhook, webhook.SerializeAsString(), "t.webhooks.raw.v1");
  EXPECT_EQ(message.topic, "t.webhooks.raw.v1");
  EXPECT_EQ(message.key, "c1");
  EXPECT_EQ(message.value, webhook.SerializeAsString());
  EXPECT_THAT(message.headers, Contains(Pair("ce_id", "w1")));
  EXPECT_THAT(message.headers, Contains(Pair("ce_subject", "c1")));
  EXPECT_THAT(message.headers, Contains(Pair("ce_type", "trunkline.webhook.status")));
  EXPECT_THAT(message.headers, Contains(Pair("ce_source", "/trunkline/webhook-ingest")));
  EXPECT_THAT(message.headers, Contains(Pair("ce_time", "2026-03-03T09:00:00.000000Z")));
  EXPECT_THAT(message.headers, Contains(Pair("ce_dataschema", v1::RawWebhook::descriptor()->full_name())));
  EXPECT_THAT(message.headers, Contains(Pair("business_id", "b1")));
}

TEST(RawWebhookMessageTest, AFactIsTheGateways) {
  v1::RawWebhook webhook = Webhook();
  webhook.mutable_fact()->set_call_id("c1");
  const kafka::OutgoingMessage message = MessageOf(webhook, webhook.SerializeAsString(), "topic");
  EXPECT_THAT(message.headers, Contains(Pair("ce_type", "trunkline.call.fact")));
  EXPECT_THAT(message.headers, Contains(Pair("ce_source", "/trunkline/gateway")));
}

}  // namespace
}  // namespace trunkline::webhooks
