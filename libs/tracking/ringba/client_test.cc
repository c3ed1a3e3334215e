// What is particular to Ringba's API; what all platforms share is in tests/tracking-conformance.
#include "libs/tracking/ringba/client.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tests/support/fake_api.h"
#include "tests/support/tracking_samples.h"

namespace trunkline::tracking::ringba {
namespace {

using testing_support::ReadTrackingAnswerText;

constexpr char kToken[] = R"({"access_token":"bearer-1","expires_in":3599,"refresh_token":"refresh-1"})";
constexpr char kAccounts[] = R"({"account":[{"accountId":"RA1","enabled":true}]})";
CallQuery Hour() { return {.from = absl::FromUnixSeconds(1'772'460'000), .to = absl::FromUnixSeconds(1'772'463'600)}; }

std::string ListAnswer(int records, int total, bool partial = false) {
  std::string body = Concat(R"({"isSuccessful":true,"report":{"partialResult":)", partial ? "true" : "false",
                            R"(,"totalCount":)", total, R"(,"records":[)");
  for (int i = 0; i < records; ++i) body += Concat(i == 0 ? "" : ",", R"({"inboundCallId":"v2)", i, "\"}");
  return body + "]}}";
}

class RingbaClientTest : public testing::Test {
 protected:
  RingbaClientTest() {
    account_.settings["api_url"] = api_.Url();
    account_.settings["account_id"] = "RA1";
    account_.credentials["api_token"] = "t0ken";
  }

  void LogIn() {
    account_.settings["credential_type"] = "oauth";
    account_.credentials["username"] = "api@example.com";
    account_.credentials["password"] = "p@ss word";
  }
  nlohmann::json Body(size_t i) const { return ParseJson(api_.requests().at(i).body); }

  testing_support::FakeApi api_;
  ManualClock clock_{absl::FromUnixSeconds(1'772'460'000)};
  Account account_ = testing_support::TrackingAccount("ringba");
  Client client_{{.public_url = "https://hooks.example.com", .clock = &clock_}};
};

TEST_F(RingbaClientTest, AListAsksForTheKnownColumnsInAnOrderThatOnlyGrows) {
  account_.settings["without_columns"] = "telcoCost";
  api_.Answer(200, ReadTrackingAnswerText("ringba", "list"));
  CallQuery query = Hour();
  query.only_adjusted = true;
  query.without_columns = {"timeToConnectInSeconds"};
  const auto page = client_.ListCalls(account_, query, std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 3);
  EXPECT_EQ(page->total, 3);
  EXPECT_FALSE(page->next.has_value());
  EXPECT_EQ(api_.requests()[0].target, "/RA1/calllogs");
  EXPECT_EQ(api_.requests()[0].Header("authorization"), "Token t0ken");
  const auto body = Body(0);
  EXPECT_EQ(body["reportStart"], "2026-03-02T13:59:59Z");
  EXPECT_EQ(body["reportEnd"], "2026-03-02T15:00:01Z");
  EXPECT_EQ(body["size"], 100);
  EXPECT_EQ(body["orderByColumns"][1]["column"], "inboundCallId");
  EXPECT_EQ(body["valueColumns"].size(), 39);
  EXPECT_EQ(body["filters"][0]["anyConditionToMatch"].size(), 2);
}

TEST_F(RingbaClientTest, AShortPageIsNoEndAsLongAsMoreAreCounted) {
  api_.Answer(200, ListAnswer(2, 5));
  EXPECT_EQ(client_.ListCalls(account_, Hour(), Position{"offset", "1"})->next, (Position{"offset", "3"}));
  api_.Answer(200, ListAnswer(2, 5));
  EXPECT_FALSE(client_.ListCalls(account_, Hour(), Position{"offset", "3"})->next.has_value());
  api_.Answer(200, ListAnswer(0, 5));
  EXPECT_FALSE(client_.ListCalls(account_, Hour(), Position{"offset", "3"})->next.has_value());
}

TEST_F(RingbaClientTest, AnIncompleteAnswerIsNoAnswer) {
  api_.Answer(200, ListAnswer(2, 5, /*partial=*/true));
  EXPECT_EQ(CodeOf(client_.ListCalls(account_, Hour(), std::nullopt).status()), v1::TRACKING_ERROR_CODE_PARTIAL_RESULT);
}

TEST_F(RingbaClientTest, AnUnknownColumnIsNamed) {
  api_.Answer(422, R"({"message":"Unknown value column: telcoCost","messageCode":0,"errors":[]})");
  const auto error = TrackingErrorOf(client_.ListCalls(account_, Hour(), std::nullopt).status());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN);
  EXPECT_EQ(error->column(), "telcoCost");
}

TEST_F(RingbaClientTest, ManyCallsComeWithOneRequest) {
  api_.Answer(200, ListAnswer(2, 2));
  const auto page = client_.FetchCalls(account_, {"v20", "v21", "gone"});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 2);
  EXPECT_EQ(Body(0)["InboundCallIds"].size(), 3);
  EXPECT_FALSE(client_.FetchCalls(account_, std::vector<std::string>(51, "v2")).ok());
}

TEST_F(RingbaClientTest, ABearerTokenIsFetchedOnceAndRenewedBeforeItEnds) {
  LogIn();
  api_.Answer(200, kToken);
  for (int i = 0; i < 2; ++i) api_.Answer(200, kAccounts);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(client_.CheckAccount(account_).ok());
  ASSERT_EQ(api_.requests().size(), 3);
  EXPECT_EQ(api_.requests()[0].target, "/token");
  EXPECT_EQ(FindInForm(ParseForm(api_.requests()[0].body), "password"), "p@ss word");
  EXPECT_EQ(api_.requests()[2].Header("authorization"), "Bearer bearer-1");
  clock_.Advance(absl::Minutes(50));
  api_.Answer(200, R"({"access_token":"bearer-2","expires_in":3599,"refresh_token":"refresh-2"})");
  api_.Answer(200, kAccounts);
  ASSERT_TRUE(client_.CheckAccount(account_).ok());
  EXPECT_EQ(FindInForm(ParseForm(api_.requests()[3].body), "refresh_token"), "refresh-1");
  EXPECT_EQ(api_.requests()[4].Header("authorization"), "Bearer bearer-2");
}

TEST_F(RingbaClientTest, ABearerTokenThatIsRefusedIsReplacedOnce) {
  LogIn();
  api_.Answer(200, kToken);
  api_.Answer(401, "{}");
  api_.Answer(400, R"({"error":"invalid_grant"})");  // the refresh
  api_.Answer(200, R"({"access_token":"bearer-2","expires_in":3599})");
  api_.Answer(200, kAccounts);
  const auto checked = client_.CheckAccount(account_);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_TRUE(checked->value.empty());
  EXPECT_EQ(checked->receipt.requests, 5);
  EXPECT_EQ(api_.requests()[4].Header("authorization"), "Bearer bearer-2");
}

// Contract 20, 15.
TEST_F(RingbaClientTest, ABearerTokenThatEndsInTheMiddleOfARunIsRenewedOnceByAllWhoNeedIt) {
  constexpr int kAtOnce = 8;
  const CallQuery query{.from = clock_.Now() - absl::Hours(24), .to = clock_.Now()};
  LogIn();
  api_.Answer(200, kToken);
  api_.Answer(200, ListAnswer(2, 4));
  const auto first = client_.ListCalls(account_, query, std::nullopt);
  ASSERT_TRUE(first.ok()) << first.status();
  clock_.Advance(absl::Hours(1));
  api_.Answer(200, R"({"access_token":"bearer-2","expires_in":3599,"refresh_token":"refresh-2"})");
  for (int i = 0; i < kAtOnce; ++i) api_.Answer(200, ListAnswer(2, 4));
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < kAtOnce; ++i) {
      readers.emplace_back([&] {
        const auto page = client_.ListCalls(account_, query, first->next);
        EXPECT_TRUE(page.ok()) << page.status();
      });
    }
  }
  ASSERT_EQ(api_.requests().size(), 2 + 1 + kAtOnce);
  EXPECT_EQ(api_.requests()[2].target, "/token");
  for (size_t i = 3; i < api_.requests().size(); ++i) {
    EXPECT_EQ(api_.requests()[i].Header("authorization"), "Bearer bearer-2");
  }
}

TEST_F(RingbaClientTest, AWrongPasswordIsAProblemOfTheAccount) {
  LogIn();
  api_.Answer(400, R"({"error":"invalid_grant","error_description":"p@ss word is wrong"})");
  const auto checked = client_.CheckAccount(account_);
  ASSERT_TRUE(checked.ok()) << checked.status();
  ASSERT_EQ(checked->value.size(), 1);
  EXPECT_EQ(checked->value[0].field, "credentials.password");
}

TEST_F(RingbaClientTest, ANumberThatCannotBeTiedIsGivenBack) {
  api_.Answer(200, ReadTrackingAnswerText("ringba", "number"));
  api_.Answer(200, "{}");
  api_.Answer(404, R"({"message":"CA1 is not found","messageCode":101})");
  api_.Answer(200, R"({"isSuccessful":true})");
  const NumberOrder order{.area_code = "202", .campaign_id = "CA1", .publisher_id = "AF1"};
  EXPECT_EQ(CodeOf(client_.ProvisionNumber(account_, order).status()), v1::TRACKING_ERROR_CODE_NOT_FOUND);
  EXPECT_EQ(api_.requests()[3].method, "DELETE");
  EXPECT_EQ(Body(0)["chargeAccountIfNeeded"], false);
}

TEST_F(RingbaClientTest, OutOfStockIsAskedForElsewhereOnlyWhereAnyAreaWillDo) {
  constexpr char kNoStock[] = R"({"message":"could not allocate new number from telco provider"})";
  NumberOrder order{.area_code = "202"};
  api_.Answer(500, kNoStock);
  const absl::Status refused = client_.ProvisionNumber(account_, order).status();
  EXPECT_EQ(CodeOf(refused), v1::TRACKING_ERROR_CODE_OUT_OF_STOCK);
  EXPECT_FALSE(TrackingErrorOf(refused)->retryable());
  EXPECT_EQ(api_.requests().size(), 1);
  order.any_area = true;
  api_.Answer(500, kNoStock);
  api_.Answer(200, ReadTrackingAnswerText("ringba", "number"));
  const auto bought = client_.ProvisionNumber(account_, order);
  ASSERT_TRUE(bought.ok()) << bought.status();
  EXPECT_EQ(bought->value.warnings, std::vector<std::string>{"area_code_ignored"});
}

TEST_F(RingbaClientTest, PixelsAreMadeOnceWithTheCodesThatTheAccountUses) {
  account_.settings["webhook_registration"] = "event_callbacks";
  account_.settings["webhook_campaigns"] = "CA1";
  const auto entries = WebhookEntriesOf(account_, "https://hooks.example.com");
  std::string there = R"({"eventCallBacks":[{"id":"EV0","eventCode":"IncomingV2","pixelUrl":"https://other/"})";
  for (size_t i = 1; i < entries.size(); ++i) {
    there += Concat(R"(,{"id":"EV)", i, R"(","eventCode":"x","pixelUrl":")", entries[i].url, "\"}");
  }
  api_.Answer(200, there + "]}");
  api_.Answer(200, R"({"eventCallBack":{"id":"EV9"}})");
  for (size_t i = 0; i < entries.size(); ++i) api_.Answer(200, "{}");
  const auto registration = client_.RegisterWebhooks(account_);
  ASSERT_TRUE(registration.ok()) << registration.status();
  EXPECT_FALSE(registration->person_needed);
  EXPECT_EQ(registration->entries[0].external_id, "EV9");
  EXPECT_EQ(registration->entries[2].external_id, "EV2");
  EXPECT_EQ(Body(1)["eventCode"], "IncomingV2");
  EXPECT_EQ(Body(2)["memberName"], "eventCallBacks");
}

TEST_F(RingbaClientTest, WithoutEventCallbacksAPersonIsNeeded) {
  account_.settings["webhook_registration"] = "event_callbacks";
  api_.Answer(403, "{}");
  const auto registration = client_.RegisterWebhooks(account_);
  ASSERT_TRUE(registration.ok()) << registration.status();
  EXPECT_TRUE(registration->person_needed);
  EXPECT_EQ(registration->entries.size(), 6);
}

TEST_F(RingbaClientTest, WithoutInsightsTheCallsAreSummed) {
  api_.Answer(404, "{}");
  api_.Answer(200, ReadTrackingAnswerText("ringba", "list"));
  const auto report =
      client_.FetchReport(account_, absl::FromUnixSeconds(1'772'400'000), absl::FromUnixSeconds(1'772'500'000));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->value.summed_calls);
  EXPECT_EQ(report->value.calls, 3);
  EXPECT_EQ(report->value.answered, 2);
  EXPECT_EQ(report->value.payout, 250'000);
}

}  // namespace
}  // namespace trunkline::tracking::ringba
