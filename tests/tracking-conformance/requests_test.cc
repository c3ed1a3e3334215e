// Requests: errors by their kind, the gate, and secrets that stay secret.
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "tests/tracking-conformance/platform_case.h"

namespace trunkline::tracking_conformance {
namespace {

using tracking::CodeOf;
using tracking::TrackingErrorOf;
using namespace tracking::v1;  // NOLINT: the names of one package, in a test

class RequestsTest : public TrackingConformanceTest {
 protected:
  absl::Status List() { return client().ListCalls(account_, Range(), std::nullopt).status(); }
  absl::Status ListWith(http::Response answer) {
    twin_->AnswerNext(std::move(answer));
    return List();
  }
};

TEST_P(RequestsTest, TheRightCredentialsHaveNoProblem) {
  const auto checked = client().CheckAccount(account_);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_TRUE(checked->value.empty());
  EXPECT_TRUE(checked->receipt.server_time.has_value());
  EXPECT_TRUE(platform_->CheckForm(account_).empty());
}

TEST_P(RequestsTest, WrongCredentialsAreAProblemOfTheAccount) {
  twin_->Spoil(&account_);
  const auto checked = client().CheckAccount(account_);
  ASSERT_TRUE(checked.ok()) << checked.status();
  ASSERT_EQ(checked->value.size(), 1);
  EXPECT_EQ(checked->value[0].field, GetParam().wrong_credential);
  EXPECT_EQ(CodeOf(List()), TRACKING_ERROR_CODE_AUTH_INVALID);
}

TEST_P(RequestsTest, WhatIsMissingInAnAccountIsNamed) {
  account_.credentials.clear();
  account_.settings = {{"webhook_modes", "verify_by_fetch"}};
  std::set<std::string> fields;
  for (const auto& problem : platform_->CheckForm(account_)) fields.insert(problem.field);
  EXPECT_TRUE(fields.contains(GetParam().wrong_credential));
  EXPECT_TRUE(fields.contains("settings.webhook_modes"));
}

TEST_P(RequestsTest, EveryKindOfErrorIsTold) {
  struct Case {
    int status;
    const char* body;
    TrackingErrorCode code;
    bool retryable;
  };
  const Case kCases[] = {{400, "{}", TRACKING_ERROR_CODE_VALIDATION_FAILED, false},
                         {401, R"({"error":"Invalid API key."})", TRACKING_ERROR_CODE_AUTH_INVALID, false},
                         {403, "no", TRACKING_ERROR_CODE_FORBIDDEN, false},
                         {404, "", TRACKING_ERROR_CODE_NOT_FOUND, false},
                         {410, "{}", TRACKING_ERROR_CODE_GONE, false},
                         {418, "teapot", TRACKING_ERROR_CODE_VALIDATION_FAILED, false},
                         {422, R"({"errors":{"a":["b"]}})", TRACKING_ERROR_CODE_VALIDATION_FAILED, false},
                         {429, "Slow down.", TRACKING_ERROR_CODE_RATE_LIMITED, true},
                         {500, "<html>", TRACKING_ERROR_CODE_SERVER_ERROR, true},
                         {502, "", TRACKING_ERROR_CODE_SERVER_ERROR, true},
                         {503, "", TRACKING_ERROR_CODE_MAINTENANCE, true},
                         {504, "", TRACKING_ERROR_CODE_SERVER_ERROR, true},
                         {200, "{\"calls\":[", TRACKING_ERROR_CODE_BAD_RESPONSE, true},
                         {200, "7", TRACKING_ERROR_CODE_BAD_RESPONSE, true},
                         {200, "", TRACKING_ERROR_CODE_BAD_RESPONSE, true},
                         {302, "", TRACKING_ERROR_CODE_BAD_RESPONSE, true}};
  for (const Case& c : kCases) {
    const absl::Status status = ListWith({.status = c.status, .headers = {}, .body = c.body});
    const auto error = TrackingErrorOf(status);
    ASSERT_TRUE(error.has_value()) << c.status << " " << c.body << " " << status;
    EXPECT_EQ(error->code(), c.code) << c.status << " " << c.body;
    EXPECT_EQ(error->retryable(), c.retryable) << c.status << " " << c.body;
    EXPECT_EQ(error->platform(), GetParam().platform);
  }
}

TEST_P(RequestsTest, HowLongToWaitIsTold) {
  const absl::Status status = ListWith({.status = 429, .headers = {{"retry-after", "15"}}, .body = "Slow down."});
  EXPECT_EQ(RetryAfterOf(status), absl::Seconds(15));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  // A date counts from the platform's own clock, which is ours here.
  const std::string date =
      absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", clock_.Now() + absl::Minutes(10), absl::UTCTimeZone());
  const absl::Status dated = ListWith({.status = 503, .headers = {{"retry-after", date}}, .body = ""});
  ASSERT_TRUE(RetryAfterOf(dated).has_value()) << dated;
  EXPECT_GT(*RetryAfterOf(dated), absl::Minutes(9));
  EXPECT_LE(*RetryAfterOf(dated), absl::Minutes(10) + absl::Seconds(1));
}

TEST_P(RequestsTest, ThePlatformsOwnLimitIsTold) {
  PutCalls(1);
  const nlohmann::json limit = {{"resource", "list"}, {"unit", "minute"}, {"most", 2}};
  twin_->Control("PUT", "/limits", {{"limits", nlohmann::json::array({limit})}});
  EXPECT_TRUE(List().ok());
  EXPECT_TRUE(List().ok());
  const auto error = TrackingErrorOf(List());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), TRACKING_ERROR_CODE_RATE_LIMITED);
  EXPECT_TRUE(error->retryable());
  // A call by itself counts for other limits.
  EXPECT_TRUE(client().FetchCall(account_, twin_->MakeId(0)).ok());
}

TEST_P(RequestsTest, TroublesOfAPlatformAreErrorsThatCanBeTriedAgain) {
  PutCalls(4);
  const struct {
    const char* trouble;
    TrackingErrorCode code;
  } kCases[] = {{"rate_limited", TRACKING_ERROR_CODE_RATE_LIMITED},
                {"server_error", TRACKING_ERROR_CODE_SERVER_ERROR},
                {"unavailable", TRACKING_ERROR_CODE_MAINTENANCE},
                {"truncated", TRACKING_ERROR_CODE_BAD_RESPONSE},
                {"lost", TRACKING_ERROR_CODE_NETWORK}};
  for (const auto& c : kCases) {
    twin_->Control("PUT", "/behaviour", {{c.trouble, 1}});
    const auto error = TrackingErrorOf(List());
    twin_->Control("PUT", "/behaviour", {{c.trouble, 0}});
    ASSERT_TRUE(error.has_value()) << c.trouble;
    EXPECT_EQ(error->code(), c.code) << c.trouble;
    EXPECT_TRUE(error->retryable()) << c.trouble;
    EXPECT_TRUE(List().ok()) << c.trouble;
  }
}

TEST_P(RequestsTest, APlatformThatIsAwayIsANetworkError) {
  account_.settings["api_url"] = "http://127.0.0.1:1";
  const auto error = TrackingErrorOf(List());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), TRACKING_ERROR_CODE_NETWORK);
  EXPECT_TRUE(error->retryable());
}

TEST_P(RequestsTest, WhenAPurchaseIsInDoubtItIsNotToBeTriedAgain) {
  const tracking::NumberOrder order{.campaign_id = twin_->CampaignId(), .publisher_id = "1"};
  twin_->AnswerNext({.status = 502, .headers = {}, .body = ""});
  const auto error = TrackingErrorOf(client().ProvisionNumber(account_, order).status());
  ASSERT_TRUE(error.has_value());
  EXPECT_FALSE(error->retryable());
}

TEST_P(RequestsTest, WhatTheGateDoesNotAdmitIsNotSent) {
  PutCalls(1);
  gate_.answer = absl::ResourceExhaustedError("the budget of the day is used up");
  EXPECT_EQ(List(), gate_.answer);
  EXPECT_EQ(client().FetchCall(account_, twin_->MakeId(0)).status(), gate_.answer);
  EXPECT_EQ(client().CheckAccount(account_).status(), gate_.answer);
  EXPECT_EQ(twin_->Requests(), 0);
}

TEST_P(RequestsTest, EveryRequestPassesTheGateUnderItsTemplate) {
  PutCalls(3);
  EXPECT_TRUE(client().CheckAccount(account_).ok());
  EXPECT_TRUE(client().FetchCall(account_, twin_->MakeId(0)).ok());
  ListAll(2);
  EXPECT_TRUE(client().ListNumbers(account_, std::nullopt).ok());
  EXPECT_TRUE(client().RegisterWebhooks(account_).ok());
  EXPECT_EQ(gate_.admitted, twin_->Requests());
  EXPECT_EQ(gate_.told, twin_->Requests());
  for (const std::string& endpoint : gate_.endpoints) {
    EXPECT_EQ(endpoint.find(twin_->MakeId(0)), std::string::npos);
    EXPECT_EQ(endpoint.find("planted"), std::string::npos);
    EXPECT_EQ(endpoint.find('?'), std::string::npos);
  }
  EXPECT_FALSE(ListWith({.status = 503, .headers = {}, .body = ""}).ok());
  EXPECT_EQ(gate_.last_error, TRACKING_ERROR_CODE_MAINTENANCE);
}

// Every secret of the twins contains "planted".
TEST_P(RequestsTest, NoSecretIsInWhatIsKeptOrTold) {
  for (const tracking::WebhookEntry& entry : platform_->UrlsToEnter(account_)) twin_->Enter(entry.event, entry.url);
  for (const TrueCall& call : PutCalls(3)) twin_->Put(call, /*tells=*/true);
  std::string kept;
  for (const tracking::PlatformCall& call : ListAll(2)) {
    kept += call.body;
    for (const auto& event : Map(call)) kept += event.SerializeAsString();
  }
  const auto page = client().ListCalls(account_, Range(2), std::nullopt);
  ASSERT_TRUE(page.ok());
  if (page->next.has_value()) kept += page->next->value;
  std::string secrets;
  for (const auto& [name, secret] : account_.credentials) secrets += secret + " ";
  kept += ListWith({.status = 400, .headers = {}, .body = Concat("{\"error\":\"you sent ", secrets, "\"}")}).ToString();
  kept += ListWith({.status = 500, .headers = {}, .body = secrets}).ToString();
  twin_->Spoil(&account_);
  kept += List().ToString();
  account_.settings["api_url"] = "http://127.0.0.1:1";
  kept += List().ToString();
  EXPECT_EQ(kept.find("planted"), std::string::npos) << kept.substr(kept.find("planted") - 60, 120);
  EXPECT_NE(kept.find("(secret)"), std::string::npos);
}

INSTANTIATE_FOR_ALL_PLATFORMS(RequestsTest);

}  // namespace
}  // namespace trunkline::tracking_conformance
