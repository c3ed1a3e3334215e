#include "libs/tracking/retreaver/call_reading.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/retreaver/link_header.h"
#include "libs/tracking/retreaver/retreaver.h"
#include "tests/support/tracking_samples.h"

namespace trunkline::tracking::retreaver {
namespace {

using testing_support::ReadTrackingAnswerText;

TrackedCall Read(const nlohmann::json& object, Extent extent = Extent::kRecord) {
  const auto call = ReadCall(object, extent);
  EXPECT_TRUE(call.ok()) << call.status();
  return call.value_or(TrackedCall());
}

nlohmann::json AnswerNamed(std::string_view name) { return *ParseExactJson(ReadTrackingAnswerText("retreaver", name)); }

TEST(RetreaverReadingTest, AFinishedCall) {
  const TrackedCall call = Read(AnswerNamed("list_v2")[0]["call"]);
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(*call.tracking_number, "+18885550164");
  EXPECT_EQ(*call.destination, "+13125550199");
  EXPECT_EQ(FormatMilliseconds(*call.answered_at), "2026-03-02T14:05:38.204Z");
  EXPECT_EQ(*call.duration_seconds, 214);
  EXPECT_EQ(*call.revenue, 325'000);
  EXPECT_EQ(*call.payout, 250'000);
  EXPECT_EQ(*call.cost, 3'400);
  EXPECT_EQ(call.hangup.source(), calls::v1::HANGUP_SOURCE_CALLEE);
  EXPECT_TRUE(call.remarks.empty());
}

TEST(RetreaverReadingTest, TheVectorOfTheContentHash) {
  const TrackedCall call = Read(AnswerNamed("list_v2")[0]["call"]);
  EXPECT_EQ(
      CanonicalJson("retreaver", call),
      R"({"answered_at":"2026-03-02T14:05:38.204Z","buyer_id":"30417","caller_number":"+12025550143","campaign_id":"9911",)"
      R"("converted":true,"cost":"0.3400","currency":"USD","destination_number":"+13125550199","duration_seconds":214,)"
      R"("ended_at":"2026-03-02T14:08:45.930Z","external_id":"3b7c1d52-8f0e-4d7a-9a51-6f2f0c4b9e10","payout":"25.0000",)"
      R"("provider":"retreaver","publisher_id":"pub-77","recording_present":true,"revenue":"32.5000",)"
      R"("started_at":"2026-03-02T14:05:11.204Z","status":"completed","tags":{"calling_about":"auto",)"
      R"("geo":"919,us,us-27601,us-nc","status":"success"},"talk_seconds":187,"tracking_number":"+18885550164"})");
  EXPECT_EQ(ContentHash("retreaver", call), "4083b4994f331c330573577d9413ab3566f1cc3130925f40dbd93d73ea0595b8");
}

TEST(RetreaverReadingTest, ACallerWhoGaveUp) {
  const TrackedCall call = Read(AnswerNamed("list_v2")[1]["call"]);
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_ABANDONED);
  EXPECT_TRUE(call.answered_at.is_told);
  EXPECT_FALSE(call.answered_at.has_value());
  EXPECT_FALSE(call.revenue.has_value());
  EXPECT_EQ(*call.cost, 700);
  EXPECT_FALSE(*call.converted);
}

TEST(RetreaverReadingTest, VersionOneHasNoNumberOfItsOwn) {
  const TrackedCall call = Read(AnswerNamed("call_v1"));
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(*call.tracking_number, "+18665550177");
  EXPECT_FALSE(call.destination.has_value());
  EXPECT_EQ(FormatMilliseconds(*call.answered_at), "2026-02-11T12:29:51.000Z");
}

TEST(RetreaverReadingTest, VersionFourWrapsNumberAndCampaign) {
  const TrackedCall call = Read(AnswerNamed("call_v4_live"));
  EXPECT_EQ(call.status, calls::v1::CALL_STATUS_RINGING);
  EXPECT_EQ(*call.tracking_number, "+18885550164");
  EXPECT_EQ(*call.campaign_id, "9911");
  EXPECT_EQ(*call.campaign_name, "Auto insurance");
}

TEST(RetreaverReadingTest, TheRulesOfTheStatus) {
  using namespace calls::v1;  // NOLINT: the names of one package, in a test
  const std::pair<const char*, CallStatus> kRules[] = {
      {R"("status":"finished","connected":true)", CALL_STATUS_COMPLETED},
      {R"("status":"finished","dialed_call_duration":5)", CALL_STATUS_COMPLETED},
      {R"("end_time":"2026-03-02T14:05:11Z","status":"odd","connected":true)", CALL_STATUS_COMPLETED},
      {R"("status":"finished","connected":false,"hung_up_by":"Caller")", CALL_STATUS_ABANDONED},
      {R"("status":"finished","connected":false,"dialed_number":"+13125550199")", CALL_STATUS_NO_ANSWER},
      {R"("status":"finished","connected":false,"target_id":7,"number":"+18885550164")", CALL_STATUS_NO_ANSWER},
      {R"("status":"finished","connected":false,"number":"+18885550164")", CALL_STATUS_MISSED},
      {R"("status":"in_progress","connected":true)", CALL_STATUS_ANSWERED},
      {R"("status":"In-Progress","forwarded_time":"2026-03-02T14:05:11Z")", CALL_STATUS_RINGING},
      {R"("status":"in_progress","hold_duration":3)", CALL_STATUS_QUEUED},
      {R"("status":"in_progress")", CALL_STATUS_INITIATED},
      {R"("status":"busy")", CALL_STATUS_BUSY},
      {R"("status":"no-answer")", CALL_STATUS_NO_ANSWER},
      {R"("status":"canceled")", CALL_STATUS_CANCELED}};
  for (const auto& [members, status] : kRules) {
    const TrackedCall call = Read(*ParseExactJson(Concat(R"({"uuid":"c",)", members, "}")));
    EXPECT_EQ(call.status, status) << members;
  }
}

TEST(RetreaverReadingTest, AnUnknownStatusOfALiveCallLeavesItAsItIs) {
  const TrackedCall call = Read(*ParseExactJson(R"({"uuid":"c","status":"teleported"})"));
  EXPECT_EQ(call.status, std::nullopt);
  ASSERT_EQ(call.remarks.size(), 1);
  EXPECT_EQ(call.remarks[0].raw, "teleported");
}

TEST(RetreaverReadingTest, AnonymousCallersKeepTheirWord) {
  const TrackedCall call = Read(*ParseExactJson(R"({"uuid":"c","caller":"Restricted"})"));
  EXPECT_FALSE(call.caller.has_value());
  EXPECT_EQ(*call.raw_caller, "Restricted");
}

TEST(RetreaverReadingTest, WithoutAnIdItIsNoCall) {
  for (const char* text : {"{}", "[]", "7", R"({"uuid":""})", R"({"call":[]})"}) {
    EXPECT_FALSE(ReadCall(*ParseExactJson(text), Extent::kRecord).ok()) << text;
  }
}

TEST(RetreaverReadingTest, ANotificationTellsOnlyWhatItNames) {
  const TrackedCall call =
      Read(*ParseExactJson(R"({"uuid":"c","revenue":null,"status":"finished"})"), Extent::kNotification);
  EXPECT_TRUE(call.revenue.is_told);
  EXPECT_FALSE(call.payout.is_told);
  EXPECT_FALSE(call.answered_at.is_told);
  EXPECT_FALSE(call.destination.is_told);
  // Whether anybody was reached is not told, nor guessed.
  EXPECT_EQ(call.status, std::nullopt);
}

TEST(LinkHeaderTest, OnlyTheNumberOfTheNextPageIsRead) {
  constexpr char kHeader[] =
      R"(<https://evil.example.com/calls.json?api_key=S&page=12>; rel="last", )"
      R"(<https://api.retreaver.com/api/v2/calls.json?api_key=S&a=1,2&page=2&per_page=100>; title="a, b"; rel="next")";
  EXPECT_EQ(NextPageOf(kHeader), 2);
  EXPECT_EQ(NextPageOf(R"(<https://h?page=3>; rel=next)"), 3);
  EXPECT_EQ(NextPageOf(R"(<https://h?page=3>; rel="first prev")"), std::nullopt);
  for (const char* header : {"", "<", "<>", "<h?page=x>; rel=next", "page=3; rel=next", "<h?page=2>"}) {
    EXPECT_EQ(NextPageOf(header), std::nullopt) << header;
  }
}

}  // namespace
}  // namespace trunkline::tracking::retreaver

namespace trunkline::testing_support {
namespace {

INSTANTIATE_TEST_SUITE_P(Samples, TrackingSampleTest,
                         testing::ValuesIn(TrackingSamplesOf("retreaver", &tracking::retreaver::MakePlatform)),
                         NameOfTrackingSample);

}  // namespace
}  // namespace trunkline::testing_support
