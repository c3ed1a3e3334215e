#include "libs/tracking/trackdrive/call_reading.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/trackdrive/call_status.h"
#include "libs/tracking/trackdrive/statistics.h"
#include "libs/tracking/trackdrive/trackdrive.h"
#include "tests/support/tracking_samples.h"

namespace trunkline::tracking::trackdrive {
namespace {

using testing_support::ReadTrackingAnswerText;

nlohmann::json AnswerNamed(std::string_view name) {
  return *ParseExactJson(ReadTrackingAnswerText("trackdrive", name));
}

TrackedCall Read(const nlohmann::json& object, Extent extent = Extent::kRecord) {
  const auto call = ReadCall(object, extent);
  EXPECT_TRUE(call.ok()) << call.status();
  return call.value_or(TrackedCall());
}

TEST(TrackDriveReadingTest, AFinishedCall) {
  const TrackedCall call = Read(AnswerNamed("list")["calls"][0]);
  EXPECT_EQ(call.external_id, "c3b20b12-3b3b-4322-b15d-0f1c5f653479");
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(FormatMilliseconds(*call.started_at), "2026-03-02T14:05:11.204Z");
  EXPECT_EQ(FormatMilliseconds(*call.answered_at), "2026-03-02T14:05:38.930Z");
  EXPECT_EQ(*call.revenue, 325'000);
  EXPECT_EQ(*call.payout, 250'000);
  EXPECT_EQ(*call.cost, 700);
  EXPECT_TRUE(*call.converted);
  EXPECT_EQ((*call.tags).at("utm_source"), "google");
  EXPECT_EQ((*call.tags).at("sub_id"), "google");
  EXPECT_EQ(*call.campaign_id, "10001234");
  EXPECT_TRUE(call.remarks.empty());
}

TEST(TrackDriveReadingTest, BlankMoneyIsUnknownAndBlankDurationsAreNone) {
  const TrackedCall call = Read(AnswerNamed("list")["calls"][1]);
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_ABANDONED);
  EXPECT_FALSE(call.revenue.has_value());
  EXPECT_FALSE(call.payout.has_value());
  EXPECT_EQ(*call.cost, 200);
  EXPECT_FALSE(call.talk_seconds.has_value());
  EXPECT_FALSE(call.answered_at.has_value());
  EXPECT_FALSE(*call.converted);
}

TEST(TrackDriveReadingTest, ALiveCall) {
  const TrackedCall call = Read(AnswerNamed("call_live")["call"]);
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_ANSWERED);
  EXPECT_FALSE(call.ended_at.has_value());
}

TEST(TrackDriveReadingTest, TagsMayBeRenderedAsText) {
  const TrackedCall call =
      Read(*ParseExactJson(R"({"uuid":"c","token_values":"{\"state\":\"NC\"}","token-zip":27601})"));
  EXPECT_EQ(*call.tags, (Tags{{"state", "NC"}, {"zip", "27601"}}));
}

TEST(TrackDriveReadingTest, AChangeTellsOnlyWhatItNames) {
  const TrackedCall call = Read(
      *ParseExactJson(
          R"({"uuid":"c","updated_at":"2026-03-02T16:40:00.000-05:00","status":"finished","buyer_converted":true,"revenue":40.0})"),
      Extent::kNotification);
  EXPECT_EQ(*call.revenue, 400'000);
  EXPECT_FALSE(call.caller.is_told);
  EXPECT_FALSE(call.payout.is_told);
  EXPECT_FALSE(call.tags.is_told);
  EXPECT_FALSE(call.answered_at.is_told);
  EXPECT_FALSE(call.direction.is_told);
  // Whether anybody was reached is not told, nor guessed.
  EXPECT_EQ(call.status, std::nullopt);
}

TEST(TrackDriveStatusTest, EveryWord) {
  using namespace calls::v1;  // NOLINT: the names of one package, in a test
  struct Case {
    const char* word;
    CallStatus live;
    CallStatus ended;
  };
  const Case kCases[] = {{"initiated", CALL_STATUS_INITIATED, CALL_STATUS_INITIATED},
                         {"added-to-schedule", CALL_STATUS_QUEUED, CALL_STATUS_QUEUED},
                         {"waiting", CALL_STATUS_QUEUED, CALL_STATUS_QUEUED},
                         {"calling-leads", CALL_STATUS_RINGING, CALL_STATUS_RINGING},
                         {"established", CALL_STATUS_ANSWERED, CALL_STATUS_ANSWERED},
                         {"in_progress", CALL_STATUS_ANSWERED, CALL_STATUS_ANSWERED},
                         {"forwarded", CALL_STATUS_ANSWERED, CALL_STATUS_COMPLETED},
                         {"On Hold", CALL_STATUS_ON_HOLD, CALL_STATUS_ABANDONED},
                         {"finished", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"busy", CALL_STATUS_BUSY, CALL_STATUS_BUSY},
                         {"no-answer", CALL_STATUS_NO_ANSWER, CALL_STATUS_NO_ANSWER},
                         {"no-answer-convert-on-attempt", CALL_STATUS_NO_ANSWER, CALL_STATUS_NO_ANSWER},
                         {"failed", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"invalid-number", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"no-route-to-destination", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"canceled", CALL_STATUS_CANCELED, CALL_STATUS_CANCELED},
                         {"cancelled", CALL_STATUS_CANCELED, CALL_STATUS_CANCELED},
                         {"caller-hung-up", CALL_STATUS_ABANDONED, CALL_STATUS_ABANDONED},
                         {"caller-hung-up-while-ringing-buyer", CALL_STATUS_ABANDONED, CALL_STATUS_ABANDONED},
                         {"ivr-hung-up", CALL_STATUS_ABANDONED, CALL_STATUS_ABANDONED},
                         {"hold-queue-hung-up", CALL_STATUS_ABANDONED, CALL_STATUS_ABANDONED},
                         {"rejected-ivr-hang-up", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"rejected-traffic-source-capped-hang-up", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"ivr-no-keypress", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"hold-queue-no-buyer", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"hold-queue-waited-too-long", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"no-buyer", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"no-buyer-all-filtered", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"no-buyer-prevent-dupes", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"not-open", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"voicemail", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"left-voicemail", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"voicemail-detected", CALL_STATUS_MISSED, CALL_STATUS_MISSED},
                         {"blocked", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"rejected", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"rejected-caller-concurrency-exceeded", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"rejected-no-concurrency-cap-available", CALL_STATUS_FAILED, CALL_STATUS_FAILED},
                         {"opt-out", CALL_STATUS_CANCELED, CALL_STATUS_CANCELED}};
  for (const Case& c : kCases) {
    EXPECT_EQ(ReadStatus({.word = c.word}).status, c.live) << c.word;
    EXPECT_EQ(ReadStatus({.word = c.word, .has_ended = true}).status, c.ended) << c.word;
    EXPECT_TRUE(ReadStatus({.word = c.word}).is_known) << c.word;
  }
  EXPECT_EQ(ReadStatus({.word = "finished", .is_connected = true}).status, CALL_STATUS_COMPLETED);
  EXPECT_EQ(ReadStatus({.word = "caller-hung-up", .has_talked = true}).status, CALL_STATUS_COMPLETED);
  EXPECT_TRUE(ReadStatus({.word = "left-voicemail"}).voicemail);
  EXPECT_EQ(ReadStatus({.word = "teleported"}).status, std::nullopt);
  EXPECT_EQ(ReadStatus({.word = "teleported", .has_ended = true}).status, CALL_STATUS_MISSED);
  EXPECT_FALSE(ReadStatus({.word = "teleported"}).is_known);
}

TEST(StatisticsTest, EveryShapeThatMayCome) {
  for (const char* body :
       {R"({"status":200,"errors":{},"stats":{"2026-03-01":41,"2026-03-02":17.5}})",
        R"({"2026-03-01":"41","2026-03-02":17.5})",
        R"({"data":[{"group":"2026-03-01","value":41},{"group":"2026-03-02","value":17.5}]})",
        R"([{"key":"2026-03-01","revenue":41},{"key":"2026-03-02","revenue":"17.5"}])",
        R"({"results":[{"name":"2026-03-01","revenue":41},{"name":"2026-03-02","revenue":17.5}]})"}) {
    const auto groups = ReadStatistics(*ParseExactJson(body), "revenue");
    ASSERT_TRUE(groups.has_value()) << body;
    EXPECT_EQ(*groups, (std::map<std::string, std::string>{{"2026-03-01", "41"}, {"2026-03-02", "17.5"}})) << body;
  }
  for (const char* body : {"7", R"({"status":200,"errors":{}})", R"({"stats":{"a":{"b":1}}})", R"([{"group":"a"}])",
                           R"({"stats":{"a":"many"}})"}) {
    EXPECT_FALSE(ReadStatistics(*ParseExactJson(body), "revenue").has_value()) << body;
  }
}

}  // namespace
}  // namespace trunkline::tracking::trackdrive

namespace trunkline::testing_support {
namespace {

INSTANTIATE_TEST_SUITE_P(Samples, TrackingSampleTest,
                         testing::ValuesIn(TrackingSamplesOf("trackdrive", &tracking::trackdrive::MakePlatform)),
                         NameOfTrackingSample);

}  // namespace
}  // namespace trunkline::testing_support
