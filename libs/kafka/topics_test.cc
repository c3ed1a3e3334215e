#include "libs/kafka/topics.h"

#include <gtest/gtest.h>

#include "libs/kafka/cloud_event.h"

namespace trunkline::kafka {
namespace {

TEST(TopicsTest, NamesAreTheDesigns) {
  const Topics topics;
  EXPECT_EQ(topics.raw_webhooks, "trunkline.webhooks.raw.v1");
  EXPECT_EQ(topics.call_events, "trunkline.call-events.v1");
  EXPECT_EQ(topics.calls, "trunkline.calls.v1");
  EXPECT_EQ(topics.dead_letters, "trunkline.webhooks.dead-letter.v1");
  EXPECT_EQ(Topics("staging.").calls, "staging.calls.v1");
}

TEST(TopicsTest, OnlyTheStateOfCallsIsCompacted) {
  const Topics topics;
  for (const TopicSettings& settings : SettingsOf(topics)) {
    EXPECT_EQ(settings.compacted, settings.name == topics.calls);
    EXPECT_EQ(settings.retention > absl::ZeroDuration(), !settings.compacted);
  }
}

TEST(CloudEventTest, HeadersFollowTheKafkaBinding) {
  const Headers headers = ToHeaders({.id = "e1",
                                     .type = "trunkline.call.ended",
                                     .source = "/trunkline/normalizer",
                                     .subject = "c1",
                                     .time = absl::FromUnixMicros(1'772'528'400'000'001),
                                     .data_schema = "trunkline.events.v1.CallEvent",
                                     .business_id = "b1",
                                     .traceparent = ""});
  EXPECT_EQ(headers[0], (std::pair<std::string, std::string>("ce_specversion", "1.0")));
  EXPECT_EQ(headers[5].second, "2026-03-03T09:00:00.000001Z");
  EXPECT_EQ(headers.back().first, "business_id");
}

}  // namespace
}  // namespace trunkline::kafka
