// What is particular to TrackDrive's API; what all platforms share is in tests/tracking-conformance.
#include "libs/tracking/trackdrive/client.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tests/support/fake_api.h"
#include "tests/support/tracking_samples.h"

namespace trunkline::tracking::trackdrive {
namespace {

using testing_support::ReadTrackingAnswerText;

constexpr char kEmpty[] = R"({"status":200,"errors":{},"calls":[],"metadata":{"next_cursor":0}})";

class TrackDriveClientTest : public testing::Test {
 protected:
  TrackDriveClientTest() {
    account_.settings["api_url"] = api_.Url();
    account_.credentials["public_key"] = "tdpub_test";
    account_.credentials["private_key"] = "tdprv_test";
  }

  // The code of a list whose answer is this.
  v1::TrackingErrorCode CodeOfList(int status, std::string body) {
    api_.Answer(status, std::move(body));
    return CodeOf(client_.ListCalls(account_, {}, std::nullopt).status());
  }

  testing_support::FakeApi api_;
  SystemClock clock_;
  Account account_ = testing_support::TrackingAccount("trackdrive");
  Client client_{{.public_url = "https://hooks.example.com", .clock = &clock_}};
};

TEST_F(TrackDriveClientTest, AsksWithBasicAuthenticationAndTimesInUtc) {
  api_.Answer(200, ReadTrackingAnswerText("trackdrive", "list"));
  const auto page = client_.ListCalls(
      account_, {.from = absl::FromUnixSeconds(1'772'459'100), .to = absl::FromUnixSeconds(1'772'463'540)},
      std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 2);
  EXPECT_EQ(page->total, 2);
  EXPECT_EQ(page->next, (Position{"cursor", "177246010001500"}));
  EXPECT_EQ(api_.requests()[0].Header("authorization"), "Basic dGRwdWJfdGVzdDp0ZHBydl90ZXN0");
  EXPECT_EQ(api_.requests()[0].target,
            "/calls?per_page=50&serializer=call&time_zone=UTC&created_at_from=2026-03-02%2013%3A44%3A59%20%2B0000"
            "&created_at_to=2026-03-02%2014%3A59%3A01%20%2B0000&cursor=-1");
}

TEST_F(TrackDriveClientTest, TheCursorComesBackDigitByDigit) {
  const auto next_of = [&](const char* cursor) {
    api_.Answer(200, Concat(R"({"calls":[{"uuid":"c"}],"metadata":{"next_cursor":)", cursor, "}}"));
    return client_.ListCalls(account_, {}, Position{"cursor", "5"});
  };
  EXPECT_EQ(next_of("177246010001500123456789")->next->value, "177246010001500123456789");
  EXPECT_EQ(next_of("\"177246010001500\"")->next->value, "177246010001500");
  for (const char* last : {"0", "\"0\"", "null", "\"\""}) EXPECT_FALSE(next_of(last)->next.has_value()) << last;
  EXPECT_EQ(CodeOf(next_of("5").status()), v1::TRACKING_ERROR_CODE_CURSOR_LOOP);
  api_.Answer(200, ReadTrackingAnswerText("trackdrive", "last_page"));
  EXPECT_FALSE(client_.ListCalls(account_, {}, Position{"cursor", "5"})->next.has_value());
}

TEST_F(TrackDriveClientTest, ACursorThatIsRefusedIsNoWrongRequest) {
  for (const int status : {400, 404, 422}) {
    api_.Answer(status, R"({"status":422,"errors":{"cursor":"is gone"}})");
    EXPECT_EQ(CodeOf(client_.ListCalls(account_, {}, Position{"cursor", "5"}).status()),
              v1::TRACKING_ERROR_CODE_CURSOR_REJECTED);
  }
  EXPECT_EQ(CodeOf(client_.ListCalls(account_, {}, Position{"page", "5"}).status()),
            v1::TRACKING_ERROR_CODE_CURSOR_REJECTED);
}

TEST_F(TrackDriveClientTest, TheEnvelopeTellsErrorsToo) {
  EXPECT_EQ(CodeOfList(200, R"({"status":401,"errors":{"authorization":"Invalid access token"}})"),
            v1::TRACKING_ERROR_CODE_AUTH_INVALID);
  EXPECT_EQ(CodeOfList(200, R"({"status":200,"errors":{"per_page":"must be a number"},"calls":[]})"),
            v1::TRACKING_ERROR_CODE_VALIDATION_FAILED);
  EXPECT_EQ(CodeOfList(200, R"({"status":429,"errors":{}})"), v1::TRACKING_ERROR_CODE_RATE_LIMITED);
  EXPECT_EQ(CodeOfList(200, kEmpty), v1::TRACKING_ERROR_CODE_UNSPECIFIED);
}

TEST_F(TrackDriveClientTest, AnUpdateGoesByPutAndElseByPost) {
  api_.Answer(404, "{}");
  api_.Answer(200, R"({"status":200,"errors":{}})");
  api_.Answer(200, ReadTrackingAnswerText("trackdrive", "call_live"));
  const auto outcome =
      client_.UpdateCall(account_, "c1", {.tags = Tags{{"a", "b"}}, .revenue = 400'000, .converted = true});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->done, (std::vector<std::string>{"tags", "money", "conversion"}));
  EXPECT_EQ(api_.requests()[0].method, "PUT");
  EXPECT_EQ(api_.requests()[1].method, "POST");
  const auto body = ParseJson(api_.requests()[1].body);
  EXPECT_EQ(body["revenue"], "40.0000");
  EXPECT_FALSE(body.contains("add_revenue"));
  EXPECT_EQ(body["post_call_tokens"]["a"], "b");
}

TEST_F(TrackDriveClientTest, WhatIsDeliveredIsToldByTheEventsOfTheCall) {
  api_.Answer(200, ReadTrackingAnswerText("trackdrive", "events"));
  const auto deliveries = client_.ListDeliveries(account_, "c1");
  ASSERT_TRUE(deliveries.ok()) << deliveries.status();
  ASSERT_EQ(deliveries->value.size(), 1);
  EXPECT_TRUE(deliveries->value[0].delivered);
  EXPECT_EQ(deliveries->value[0].http_status, 200);
}

TEST_F(TrackDriveClientTest, AReportOfAnUnknownShapeIsSummedOfTheCalls) {
  api_.Answer(200, R"({"status":200,"errors":{},"shape":"new"})");
  api_.Answer(200, ReadTrackingAnswerText("trackdrive", "list"));
  api_.Answer(200, kEmpty);
  const auto report =
      client_.FetchReport(account_, absl::FromUnixSeconds(1'772'400'000), absl::FromUnixSeconds(1'772'500'000));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->value.summed_calls);
  EXPECT_EQ(report->value.calls, 2);
  EXPECT_EQ(report->value.revenue, 325'000);
  EXPECT_EQ(report->value.payout, 250'000);
  EXPECT_EQ(report->receipt.requests, 3);
}

TEST_F(TrackDriveClientTest, ANumberThatIsRefusedSaysWhy) {
  api_.Answer(422, R"({"status":422,"errors":{"area_code":["is not available"]}})");
  const auto bought = client_.ProvisionNumber(account_, {.area_code = "202", .campaign_id = "10001234"});
  EXPECT_EQ(CodeOf(bought.status()), v1::TRACKING_ERROR_CODE_PROVISION_REJECTED);
  EXPECT_NE(bought.status().message().find("is not available"), std::string::npos) << bought.status();
}

}  // namespace
}  // namespace trunkline::tracking::trackdrive
