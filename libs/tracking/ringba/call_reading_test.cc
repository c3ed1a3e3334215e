#include "libs/tracking/ringba/call_reading.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/ringba/answer_error.h"
#include "libs/tracking/ringba/ringba.h"
#include "libs/tracking/tracking_error.h"
#include "tests/support/tracking_samples.h"

namespace trunkline::tracking::ringba {
namespace {

using testing_support::ReadTrackingAnswerText;

nlohmann::json Record(std::string_view answer, size_t index = 0) {
  return (*ParseExactJson(ReadTrackingAnswerText("ringba", answer)))["report"]["records"][index];
}

TrackedCall Read(const nlohmann::json& object, Extent extent = Extent::kRecord) {
  const auto call = ReadCall(object, extent);
  EXPECT_TRUE(call.ok()) << call.status();
  return call.value_or(TrackedCall());
}

TEST(RingbaReadingTest, AConnectedCall) {
  const TrackedCall call = Read(Record("list"));
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(*call.caller, "+12025550143");
  EXPECT_EQ(*call.tracking_number, "+18885550164");
  EXPECT_EQ(FormatMilliseconds(*call.answered_at), "2026-03-02T14:05:38.300Z");
  EXPECT_EQ(*call.revenue, 325'000);
  EXPECT_EQ(*call.payout, 250'000);
  EXPECT_EQ(*call.cost, 3'400);
  EXPECT_EQ(*call.buyer_id, "BU22222222222222222222222222222222");
  EXPECT_EQ(*call.buyer_name, "Buyer nine");
  EXPECT_FALSE(call.tags.is_told);
  EXPECT_FALSE(call.updated_at.has_value());
  EXPECT_TRUE(call.remarks.empty());
}

TEST(RingbaReadingTest, ACallerWhoGaveUpAndALiveCall) {
  const TrackedCall abandoned = Read(Record("list", 1));
  EXPECT_EQ(abandoned.status, calls::v1::CALL_STATUS_ABANDONED);
  EXPECT_EQ(*abandoned.status_reason, "Not connected");
  EXPECT_FALSE(abandoned.sub_id.has_value());
  EXPECT_FALSE(abandoned.answered_at.has_value());
  const TrackedCall live = Read(Record("list", 2));
  EXPECT_EQ(live.status, calls::v1::CALL_STATUS_ANSWERED);
  EXPECT_FALSE(live.ended_at.has_value());
}

TEST(RingbaReadingTest, DetailsCarryTagsAndTheCurrentMoney) {
  const TrackedCall call = Read(Record("detail"));
  EXPECT_EQ(*call.revenue, 400'000);
  EXPECT_EQ((*call.tags).at("Annotations:disposition"), "sold");
  EXPECT_EQ((*call.tags).size(), 4);
  // Without a buyer the target stands in, with its own name.
  EXPECT_EQ(*call.buyer_id, "TA44444444444444444444444444444444");
  EXPECT_EQ(*call.buyer_name, "Buyer nine main");
}

TEST(RingbaReadingTest, ListAndDetailOfTheSameCallHashAlike) {
  nlohmann::json listed = Record("detail");
  const TrackedCall detail = Read(listed);
  for (const char* name : {"message-tags", "events"}) listed.erase(name);
  const TrackedCall list = Read(listed);
  EXPECT_NE(ContentHash("ringba", list), ContentHash("ringba", detail));
  EXPECT_EQ(ContentHash("ringba", list, &*detail.tags), ContentHash("ringba", detail));
}

TEST(RingbaReadingTest, ANotificationTellsOnlyWhatItNames) {
  const TrackedCall call =
      Read(*ParseExactJson(R"({"inboundCallId":"v2x","conversionAmount":40.0})"), Extent::kNotification);
  EXPECT_EQ(*call.revenue, 400'000);
  EXPECT_EQ(call.status, std::nullopt);
  EXPECT_FALSE(call.answered_at.is_told);
  EXPECT_FALSE(call.caller.is_told);
}

TEST(RingbaReadingTest, TagColumnsAreTags) {
  const TrackedCall call = Read(*ParseExactJson(R"({"inboundCallId":"v2x","tag:InboundNumber:State":"NC"})"));
  EXPECT_EQ(*call.tags, (Tags{{"InboundNumber:State", "NC"}}));
}

TEST(RingbaReadingTest, TheRulesOfTheStatus) {
  using namespace calls::v1;  // NOLINT: the names of one package, in a test
  const std::pair<const char*, CallStatus> kRules[] = {
      {R"("isLive":true,"callConnectionDt":1772463610120)", CALL_STATUS_ANSWERED},
      {R"("isLive":true,"hasConnected":true)", CALL_STATUS_ANSWERED},
      {R"("isLive":true,"targetId":"TA1")", CALL_STATUS_RINGING},
      {R"("isLive":true,"events":[{"name":"TargetDialed"}])", CALL_STATUS_RINGING},
      {R"("isLive":true,"ivrDepth":2)", CALL_STATUS_QUEUED},
      {R"("isLive":true)", CALL_STATUS_INITIATED},
      {R"("hasConnected":true,"wasBlocked":true)", CALL_STATUS_COMPLETED},
      {R"("wasBlocked":true)", CALL_STATUS_FAILED},
      {R"("wasBlockedByTCPA":true)", CALL_STATUS_FAILED},
      {R"("hasVoiceMail":true,"endCallSource":"Caller")", CALL_STATUS_MISSED},
      {R"("endCallSource":"caller","targetId":"TA1")", CALL_STATUS_ABANDONED},
      {R"("targetId":"TA1","noConversionReason":"Line busy")", CALL_STATUS_BUSY},
      {R"("targetId":"TA1","endCallSource":"system")", CALL_STATUS_NO_ANSWER},
      {R"("isIncomplete":true)", CALL_STATUS_MISSED},
      {R"("x":1)", CALL_STATUS_MISSED}};
  for (const auto& [members, status] : kRules) {
    EXPECT_EQ(Read(*ParseExactJson(Concat(R"({"inboundCallId":"v2x",)", members, "}"))).status, status) << members;
  }
}

TEST(RingbaErrorTest, IsReadFromTheBodyWhateverTheStatus) {
  struct Case {
    int status;
    const char* body;
    v1::TrackingErrorCode code;
  };
  const Case kCases[] = {
      {200, R"({"isRateLimited":true,"exceedingRateLimit":"Minute"})", v1::TRACKING_ERROR_CODE_RATE_LIMITED},
      {500, R"({"isRateLimited":true,"exceedingRateLimit":"Second"})", v1::TRACKING_ERROR_CODE_RATE_LIMITED},
      {500, R"({"message":"could not allocate new number from telco provider"})", v1::TRACKING_ERROR_CODE_OUT_OF_STOCK},
      {400, R"({"message":"Please remove all references to this number"})", v1::TRACKING_ERROR_CODE_CONFLICT_LINKED},
      {422, R"({"message":"Unknown value column: icpCost","messageCode":0})", v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN},
      {400, R"({"message":"DZLUDOMY is not found","messageCode":101})", v1::TRACKING_ERROR_CODE_NOT_FOUND},
      {200, R"({"isSuccessful":false,"message":"no"})", v1::TRACKING_ERROR_CODE_VALIDATION_FAILED},
      {200, R"({"isSuccessful":true,"report":{}})", v1::TRACKING_ERROR_CODE_UNSPECIFIED}};
  for (const Case& c : kCases) {
    ApiAnswer answer{.status = c.status, .body = *ParseExactJson(c.body)};
    v1::TrackingError error;
    ReadError(answer, &error);
    EXPECT_EQ(error.code(), c.code) << c.body;
  }
  v1::TrackingError error;
  ReadError({.status = 422, .body = *ParseExactJson(kCases[4].body)}, &error);
  EXPECT_EQ(error.column(), "icpCost");
  ReadError({.status = 429,
             .body = *ParseExactJson(R"({"transactionId":"TR1","isRateLimited":true,"exceedingRateLimit":"Day"})")},
            &error);
  EXPECT_EQ(error.exceeded(), v1::RATE_LIMIT_UNIT_DAY);
  EXPECT_EQ(error.request_id(), "TR1");
}

}  // namespace
}  // namespace trunkline::tracking::ringba

namespace trunkline::testing_support {
namespace {

INSTANTIATE_TEST_SUITE_P(Samples, TrackingSampleTest,
                         testing::ValuesIn(TrackingSamplesOf("ringba", &tracking::ringba::MakePlatform)),
                         NameOfTrackingSample);

}  // namespace
}  // namespace trunkline::testing_support
