#include "libs/providers/exotel/rest_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/call_identity.h"
#include "libs/providers/exotel/test_webhooks.h"
#include "tests/support/fake_api.h"

namespace trunkline::providers::exotel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr char kAccepted[] = R"({"Call":{"Sid":"2f9b162m","Status":"in-progress"}})";

std::string CallJson(std::string_view sid, std::string_view more = "") {
  return Concat(R"({"Sid":")", sid, R"(","DateCreated":"2026-03-03 15:30:05","Status":"completed",)",
                R"("Direction":"outbound-api","From":"09123456789","To":"09876543210","PhoneNumberSid":"08047190000")",
                more, "}");
}

class RestClientTest : public testing::Test {
 protected:
  RestClientTest() { account_.settings["api_url"] = api_.Url(); }
  DialOutcome PlaceWith(int status, std::string body) {
    api_.Answer(status, std::move(body));
    return client_.PlaceCall(account_,
                             {.call_id = kTestCall, .to = "+919876543210", .options = {.from = "+918047190000"}});
  }

  testing_support::FakeApi api_;
  Account account_ = TestAccount();
  const ProviderOptions options_{.public_url = kTestBase, .api_timeout = absl::Seconds(5)};
  RestApi rest_api_{options_};
  RestClient client_{options_, rest_api_};
};

TEST_F(RestClientTest, ConnectsTheAgentToTheCustomer) {
  account_.settings["agent_number"] = "+919123456789";
  api_.Answer(200, kAccepted);
  const DialOutcome outcome = client_.PlaceCall(
      account_,
      {.call_id = kTestCall,
       .to = "+919876543210",
       .options = {
           .from = "+918047190000", .ring_timeout = absl::Seconds(25), .time_limit = absl::Hours(9), .record = true}});
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
  EXPECT_EQ(outcome.external_call_id, "2f9b162m");
  const http::Request& request = api_.requests().at(0);
  EXPECT_EQ(request.target, "/v1/Accounts/acme1/Calls/connect.json");
  EXPECT_EQ(request.Header("authorization"), Concat("Basic ", Base64Encode("key:s3cret")));
  EXPECT_THAT(
      ParseForm(request.body),
      ElementsAre(Pair("From", "+919123456789"), Pair("To", "+919876543210"), Pair("CallerId", "08047190000"),
                  Pair("CallType", "trans"), Pair("TimeOut", "25"), Pair("TimeLimit", "14400"), Pair("Record", "true"),
                  Pair("RecordingChannels", "dual"), Pair("CustomField", CustomFieldOfCall(kTestCall)),
                  Pair("StatusCallback", Concat(kTestBase, "/telephony/webhook/exotel/status?account=", kTestAccount,
                                                "&call=", kTestCall, "&token=", kTestToken)),
                  Pair("StatusCallbackContentType", "application/json"), Pair("StatusCallbackEvents[0]", "terminal"),
                  Pair("StatusCallbackEvents[1]", "answered")));
}

TEST_F(RestClientTest, WithoutAnAgentTheFlowIsPlayed) {
  account_.settings["webhook_authentication"] = "token_and_basic";
  account_.credentials["webhook_username"] = "us er";
  account_.credentials["webhook_password"] = "p@ss";
  EXPECT_EQ(PlaceWith(200, kAccepted).kind, DialOutcome::Kind::kPlaced);
  const Form form = ParseForm(api_.requests().at(0).body);
  EXPECT_EQ(FindInForm(form, "From"), "+919876543210");
  EXPECT_EQ(FindInForm(form, "Url"), "http://my.exotel.com/acme1/exoml/start_voice/926");
  EXPECT_EQ(FindInForm(form, "To"), std::nullopt);
  EXPECT_EQ(FindInForm(form, "StatusCallbackEvents[0]"), std::nullopt);
  EXPECT_THAT(std::string(*FindInForm(form, "StatusCallback")), HasSubstr("https://us%20er:p%40ss@hooks.example.com/"));
}

TEST_F(RestClientTest, AnAccountThatCannotCallSaysSo) {
  account_.settings.erase("app_id");
  const DialOutcome outcome = client_.PlaceCall(account_, {.call_id = kTestCall, .to = "+91", .options = {}});
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(outcome.error.code(), calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(RestClientTest, RefusalsAreCertain) {
  const DialOutcome invalid =
      PlaceWith(400, R"({"RestException":{"Status":400,"Message":"bad 09876543210","Code":34001}})");
  EXPECT_EQ(invalid.kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(invalid.error.code(), calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
  EXPECT_EQ(invalid.error.provider_message(), "bad *********10");
  const DialOutcome xml =
      PlaceWith(403,
                "<?xml version=\"1.0\"?><TwilioResponse><RestException><Status>403</Status><Message>DND</Message>"
                "</RestException></TwilioResponse>");
  EXPECT_EQ(xml.kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(xml.error.provider_message(), "DND");
  EXPECT_TRUE(PlaceWith(429, "<html>").error.retryable());
  const DialOutcome hidden = PlaceWith(200, R"({"RestException":{"Status":400,"Message":"no","Code":"34001"}})");
  EXPECT_EQ(hidden.kind, DialOutcome::Kind::kRejected);
}

TEST_F(RestClientTest, XmlIsReadToo) {
  const DialOutcome outcome = PlaceWith(200, "<TwilioResponse><Call><Sid>2f9b</Sid></Call></TwilioResponse>");
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
  EXPECT_EQ(outcome.external_call_id, "2f9b");
}

TEST_F(RestClientTest, WhatMayHaveBeenPlacedIsInDoubt) {
  for (const auto& [status, body] :
       std::vector<std::pair<int, std::string>>{{500, ""},
                                                {503, "<html>"},
                                                {408, ""},
                                                {200, ""},
                                                {200, "{}"},
                                                {200, "<html>"},
                                                {200, "<x"},
                                                {302, ""},
                                                {200, R"({"RestException":{"Status":503}})"}}) {
    const DialOutcome outcome = PlaceWith(status, body);
    EXPECT_EQ(outcome.kind, DialOutcome::Kind::kInDoubt) << status << body;
    EXPECT_FALSE(outcome.error.retryable()) << status << body;
  }
}

TEST_F(RestClientTest, FetchesACallWithItsCost) {
  api_.Answer(200,
              Concat(R"({"Call":)",
                     CallJson("CA1", R"(,"EndTime":"2026-03-03 15:31:00","Duration":"55","Price":"1.500",)"
                                     R"("Details":{"ConversationDuration":8,"Leg1Status":"completed",)"
                                     R"("Leg2Status":"completed"},"RecordingUrl":"https://recordings.exotel.com/x",)"
                                     R"("CustomField":"trunkline:call:0190b2c3-0000-7000-8000-000000000002")"),
                     "}"));
  const auto call = client_.FetchCall(account_, "CA1");
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(api_.requests().at(0).target, "/v1/Accounts/acme1/Calls/CA1.json?details=true");
  EXPECT_EQ(call->call_id, kTestCall);
  EXPECT_EQ(call->from, "+918047190000");
  EXPECT_EQ(call->to, "+919876543210");
  EXPECT_EQ(absl::ToUnixSeconds(call->created_at), 1'772'532'005);
  EXPECT_EQ(call->event.status(), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(call->event.details().cost().micros(), 1'500'000);
  EXPECT_EQ(call->event.details().cost().currency(), "INR");
  EXPECT_EQ(call->event.details().talk_duration().seconds(), 8);
  EXPECT_EQ(call->event.details().recording().external_recording_id(), "CA1");
  for (const char* body : {"", "null", "[]", R"({"Call":{}})", R"({"Call":[]})", "<TwilioResponse/>"}) {
    api_.Answer(200, body);
    EXPECT_EQ(client_.FetchCall(account_, "CA1").status().code(), absl::StatusCode::kUnavailable) << body;
  }
}

TEST_F(RestClientTest, InProgressIsNotAnswered) {
  api_.Answer(200, R"({"Call":{"Sid":"a","Status":"in-progress"}})");
  EXPECT_EQ(client_.FetchCall(account_, "a")->event.status(), calls::v1::CALL_STATUS_INITIATED);
  api_.Answer(200, R"({"Call":{"Sid":"a","Status":"in-progress","Details":{"Leg2Status":"in-progress"}}})");
  EXPECT_EQ(client_.FetchCall(account_, "a")->event.status(), calls::v1::CALL_STATUS_ANSWERED);
}

TEST_F(RestClientTest, APauseIsPassedOn) {
  api_.Answer(http::Response{.status = 429, .headers = {{"Retry-After", "7"}}, .body = "{}"});
  const absl::Status status = client_.FetchCall(account_, "a").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RetryAfterOf(status), absl::Seconds(7));
}

TEST_F(RestClientTest, ListsEveryPageOfBothSides) {
  api_.Answer(200, Concat(R"({"Metadata":{"NextPageUri":"https://evil.example/v1/x?After=xyz"},"Calls":[)",
                          CallJson("CA1"), "]}"));
  api_.Answer(200, Concat(R"({"Metadata":{"NextPageUri":null},"Calls":[)", CallJson("CA2"), "]}"));
  api_.Answer(200, Concat(R"({"Metadata":{},"Calls":[)", CallJson("CA1"), ",",
                          CallJson("CA3", R"(,"PhoneNumberSid":"08047199999")"), "]}"));
  const absl::Time since = absl::FromUnixSeconds(1'772'532'000);
  const auto calls = client_.ListCalls(account_, {.from = "+918047190000",
                                                  .to = "+919876543210",
                                                  .created_since = since,
                                                  .created_before = since + absl::Hours(1)});
  ASSERT_TRUE(calls.ok()) << calls.status();
  std::vector<std::string> ids;
  for (const ProviderCall& call : *calls) ids.push_back(call.external_call_id);
  // Of two members of one name the last counts: CA3 is of another ExoPhone.
  EXPECT_THAT(ids, ElementsAre("CA1", "CA2"));
  ASSERT_EQ(api_.requests().size(), 3u);
  const Form query = ParseForm(api_.requests()[1].Query());
  EXPECT_EQ(FindInForm(query, "To"), "+919876543210");
  EXPECT_EQ(FindInForm(query, "After"), "xyz");
  EXPECT_EQ(FindInForm(query, "DateCreated"), "gte:2026-03-03 15:30:00;lte:2026-03-03 16:30:00");
  EXPECT_EQ(FindInForm(ParseForm(api_.requests()[2].Query()), "From"), "+919876543210");
}

TEST_F(RestClientTest, APartOfAListIsAnError) {
  for (const char* body : {"", "{}", R"({"Calls":{}})", R"({"Calls":[{}]})"}) {
    api_.Answer(200, body);
    EXPECT_FALSE(client_.ListCalls(account_, {.created_since = absl::Now() - absl::Hours(1)}).ok()) << body;
  }
  for (int i = 0; i < 2; ++i) api_.Answer(200, R"({"Metadata":{"NextPageUri":"/x?After=a"},"Calls":[]})");
  EXPECT_FALSE(client_.ListCalls(account_, {.created_since = absl::Now() - absl::Hours(1)}).ok());
}

TEST_F(RestClientTest, ChecksAnAccount) {
  api_.Answer(200, R"({"Calls":[]})");
  EXPECT_THAT(*client_.CheckAccount(account_), IsEmpty());
  api_.Answer(401, "");
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).field, "credentials.api_token");
  api_.Answer(404, "");
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).field, "settings.account_sid");
  api_.Answer(503, "");
  EXPECT_EQ(client_.CheckAccount(account_).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace trunkline::providers::exotel
