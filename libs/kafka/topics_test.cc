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
  EXPECT_EQ(topics.campaign_events, "trunkline.campaign-events.v1");
  EXPECT_EQ(topics.call_discrepancies, "trunkline.call-discrepancies.v1");
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

TEST(CloudEventTest, TheTimeIsRfc3339WithMicroseconds) {
  const auto time_of = [](absl::Time time) { return ToHeaders({.time = time})[5].second; };
  const absl::Time times[] = {absl::UnixEpoch(),
                              absl::UnixEpoch() - absl::Microseconds(1),
                              absl::FromUnixSeconds(951'782'399) + absl::Microseconds(999'999),  // 29 February 2000
                              absl::FromUnixSeconds(4'107'542'400),                              // 1 March 2100
                              absl::FromUnixSeconds(253'402'300'799),
                              absl::FromUnixSeconds(-62'167'219'200),
                              absl::FromUnixMicros(1'772'528'400'123'456) + absl::Nanoseconds(789),
                              absl::FromUnixSeconds(253'402'300'800),
                              absl::InfiniteFuture()};
  for (const absl::Time time : times) {
    EXPECT_EQ(time_of(time), absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone()));
  }
}

}  // namespace
}  // namespace trunkline::kafka
