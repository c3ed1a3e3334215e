#include "libs/providers/twilio/rest_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/twilio/controls.h"
#include "libs/providers/twilio/test_webhooks.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/fake_api.h"

namespace trunkline::providers::twilio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr char kPath[] = "/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

LiveCall Call() {
  return {.call_id = kTestCall,
          .external_call_id = "CA1",
          .from = "+15550100003",
          .to = "+15550100002",
          .direction = calls::v1::CALL_DIRECTION_OUTBOUND};
}

std::string CallJson(std::string_view sid, std::string_view status, std::string_view created,
                     std::string_view more = "") {
  return Concat(R"({"sid":")", sid, R"(","status":")", status, R"(","date_created":")", created,
                R"(","from":"+15550100003","to":"+15550100002","direction":"outbound-api")", more, "}");
}

class RestClientTest : public testing::Test {
 protected:
  RestClientTest() { account_.settings["api_url"] = api_.Url(); }

  DialOutcome PlaceWith(int status, std::string body) {
    api_.Answer(status, std::move(body));
    return client_.PlaceCall(account_,
                             {.call_id = kTestCall, .to = "+15550100002", .options = {.from = "+15550100003"}});
  }

  testing_support::FakeApi api_;
  Account account_ = TestAccount();
  const ProviderOptions options_{.public_url = kTestBase, .api_timeout = absl::Seconds(5)};
  RestApi rest_api_{options_};
  RestClient client_{options_, rest_api_};
  Controls controls_{options_, rest_api_};
  const absl::Time since_ = absl::FromUnixSeconds(1'772'532'000);  // 2026-03-03 10:00:00
};

TEST_F(RestClientTest, PlacesACallWithEverythingInIt) {
  api_.Answer(201, R"({"sid":"CA1","status":"queued","price":null})");
  const DialOutcome outcome = client_.PlaceCall(account_, {.call_id = kTestCall,
                                                           .to = "+15550100002",
                                                           .options = {.from = "+15550100003",
                                                                       .ring_timeout = absl::Seconds(25),
                                                                       .time_limit = absl::Minutes(30),
                                                                       .record = true,
                                                                       .detect_machine = true}});
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
  EXPECT_EQ(outcome.external_call_id, "CA1");

  const http::Request& request = api_.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, Concat(kPath, "/Calls.json"));
  EXPECT_EQ(request.Header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.Header("authorization"),
            Concat("Basic ", Base64Encode("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:0123456789abcdef0123456789abcdef")));
  const auto url = [](std::string_view event, std::string_view retries) {
    return Concat(kTestBase, "/telephony/webhook/twilio/", event, "?account=", kTestAccount, "&call=", kTestCall,
                  retries);
  };
  const std::string plan = "#ct=1500&rt=3500&tt=15000&rc=2&rp=5xx,ct,rt";
  const std::string news = "#rc=5&rp=all";
  EXPECT_THAT(
      ParseForm(request.body),
      ElementsAre(Pair("To", "+15550100002"), Pair("From", "+15550100003"), Pair("Url", url("voice", plan)),
                  Pair("Method", "POST"), Pair("FallbackUrl", url("fallback", plan)), Pair("FallbackMethod", "POST"),
                  Pair("StatusCallback", url("status", news)), Pair("StatusCallbackMethod", "POST"),
                  Pair("StatusCallbackEvent", "initiated"), Pair("StatusCallbackEvent", "ringing"),
                  Pair("StatusCallbackEvent", "answered"), Pair("StatusCallbackEvent", "completed"),
                  Pair("Timeout", "25"), Pair("TimeLimit", "1800"), Pair("Record", "true"),
                  Pair("RecordingChannels", "dual"), Pair("RecordingStatusCallback", url("recording", news)),
                  Pair("RecordingStatusCallbackMethod", "POST"), Pair("RecordingStatusCallbackEvent", "in-progress"),
                  Pair("RecordingStatusCallbackEvent", "completed"), Pair("RecordingStatusCallbackEvent", "absent"),
                  Pair("MachineDetection", "Enable"), Pair("AsyncAmd", "true"),
                  Pair("AsyncAmdStatusCallback", url("amd", news)), Pair("AsyncAmdStatusCallbackMethod", "POST")));
}

TEST_F(RestClientTest, AsksForNothingThatIsNotWanted) {
  PlaceWith(201, R"({"sid":"CA1"})");
  const Form form = ParseForm(api_.requests().at(0).body);
  for (const char* name : {"Record", "MachineDetection", "AsyncAmd", "TimeLimit"}) {
    EXPECT_FALSE(FindInForm(form, name).has_value()) << name;
  }
}

TEST_F(RestClientTest, TheApiKeyAsksWhereThereIsOne) {
  account_.credentials["api_key_sid"] = "SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
  account_.credentials["api_key_secret"] = "s3cret";
  PlaceWith(201, R"({"sid":"CA1"})");
  EXPECT_EQ(api_.requests().at(0).Header("authorization"),
            Concat("Basic ", Base64Encode("SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:s3cret")));
  EXPECT_EQ(api_.requests().at(0).target, Concat(kPath, "/Calls.json"));
}

TEST_F(RestClientTest, RefusalsAreCertain) {
  const DialOutcome invalid =
      PlaceWith(400, R"({"code":21211,"message":"The 'To' number is not valid.","status":400})");
  EXPECT_EQ(invalid.kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(invalid.error.code(), calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
  EXPECT_EQ(invalid.error.provider_code(), "21211");
  EXPECT_FALSE(invalid.error.retryable());
  const DialOutcome busy = PlaceWith(429, R"({"code":20429})");
  EXPECT_EQ(busy.kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(busy.error.code(), calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  EXPECT_TRUE(busy.error.retryable());
  EXPECT_EQ(PlaceWith(429, "<html>").kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(PlaceWith(401, R"({"code":20003})").error.code(), calls::v1::CALL_ERROR_CODE_UNAUTHORIZED);
  EXPECT_EQ(PlaceWith(404, "<html>").kind, DialOutcome::Kind::kRejected);
}

TEST_F(RestClientTest, WhatMayHaveBeenPlacedIsInDoubt) {
  for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{{500, ""},
                                                                             {502, "<html>"},
                                                                             {503, R"({"code":20503})"},
                                                                             {408, ""},
                                                                             {201, ""},
                                                                             {201, "{"},
                                                                             {201, "[]"},
                                                                             {201, R"({"sid":7.5e)"},
                                                                             {201, R"({"sid":null})"},
                                                                             {302, ""}}) {
    const DialOutcome outcome = PlaceWith(status, body);
    EXPECT_EQ(outcome.kind, DialOutcome::Kind::kInDoubt) << status << body;
    EXPECT_FALSE(outcome.error.retryable()) << status << body;
    EXPECT_NE(outcome.error.code(), calls::v1::CALL_ERROR_CODE_UNSPECIFIED) << status << body;
    EXPECT_EQ(outcome.external_call_id, "");
  }
  EXPECT_EQ(api_.requests().size(), 10u);
}

TEST_F(RestClientTest, NoAnswerInTimeIsInDoubt) {
  api_.BeSilent();
  const ProviderOptions options{.public_url = kTestBase, .api_timeout = absl::Milliseconds(200)};
  RestApi rest_api(options);
  RestClient impatient(options, rest_api);
  const DialOutcome outcome =
      impatient.PlaceCall(account_, {.call_id = kTestCall, .to = "+1", .options = {.from = "+2"}});
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kInDoubt);
  EXPECT_EQ(outcome.error.code(), calls::v1::CALL_ERROR_CODE_TIMEOUT);
}

TEST_F(RestClientTest, WhatWasNeverSentIsRejected) {
  account_.settings["api_url"] = "http://127.0.0.1:1";
  const DialOutcome refused =
      client_.PlaceCall(account_, {.call_id = kTestCall, .to = "+1", .options = {.from = "+2"}});
  EXPECT_EQ(refused.kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(refused.error.code(), calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
  EXPECT_TRUE(refused.error.retryable());
  account_.settings["api_url"] = "gopher://127.0.0.1";
  const DialOutcome wrong = client_.PlaceCall(account_, {.call_id = kTestCall, .to = "+1", .options = {.from = "+2"}});
  EXPECT_EQ(wrong.kind, DialOutcome::Kind::kRejected);
  EXPECT_FALSE(wrong.error.retryable());
}

TEST_F(RestClientTest, FetchesACallWithItsCost) {
  api_.Answer(
      200, CallJson("CA1", "completed", "Tue, 03 Mar 2026 09:15:00 +0000",
                    R"(,"end_time":"Tue, 03 Mar 2026 09:16:11 +0000","start_time":"Tue, 03 Mar 2026 09:15:09 +0000",)"
                    R"("duration":"62","price":"-0.03000","price_unit":"USD","answered_by":"human",)"
                    R"("parent_call_sid":null,"caller_name":"","forwarded_from":null)"));
  const auto call = client_.FetchCall(account_, "CA1");
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(api_.requests().at(0).target, Concat(kPath, "/Calls/CA1.json"));
  EXPECT_EQ(call->external_call_id, "CA1");
  EXPECT_EQ(call->from, "+15550100003");
  EXPECT_EQ(call->to, "+15550100002");
  EXPECT_EQ(absl::ToUnixSeconds(call->created_at), 1772529300);
  EXPECT_EQ(call->event.type(), events::v1::CALL_EVENT_TYPE_ENDED);
  EXPECT_EQ(call->event.status(), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(call->event.source(), events::v1::EVENT_SOURCE_RECONCILIATION);
  EXPECT_EQ(call->event.occurred_at().seconds(), 1772529371);
  EXPECT_EQ(call->event.call_id(), "");
  EXPECT_EQ(call->event.details().talk_duration().seconds(), 62);
  EXPECT_EQ(call->event.details().cost().micros(), 30'000);
  EXPECT_EQ(call->event.details().cost().currency(), "USD");
  EXPECT_EQ(call->event.details().direction(), calls::v1::CALL_DIRECTION_OUTBOUND);
  EXPECT_EQ(call->event.details().answered_by(), calls::v1::ANSWERED_BY_HUMAN);
  EXPECT_FALSE(call->event.details().has_parent_call_id());
  EXPECT_EQ(call->event.hangup().cause(), calls::v1::HANGUP_CAUSE_USER_HANGUP);
}

TEST_F(RestClientTest, AStateHasOneEventIdAndAPriceMakesAnother) {
  const auto id_of = [&](std::string_view status, std::string_view more) {
    api_.Answer(200, CallJson("CA1", status, "Tue, 03 Mar 2026 09:15:00 +0000", more));
    return client_.FetchCall(account_, "CA1")->event.event_id();
  };
  EXPECT_EQ(id_of("ringing", ""), id_of("ringing", ""));
  EXPECT_NE(id_of("ringing", ""), id_of("in-progress", ""));
  EXPECT_NE(id_of("completed", ""), id_of("completed", R"(,"price":"-0.01","price_unit":"USD")"));
}

TEST_F(RestClientTest, CallsThatAreStrange) {
  api_.Answer(200, CallJson("CA1", "levitating", "yesterday",
                            R"(,"duration":"-5","price":"much","price_unit":"USD","parent_call_sid":"CA0")"));
  const auto call = client_.FetchCall(account_, "CA1");
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->event.type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_EQ(call->event.status(), calls::v1::CALL_STATUS_UNSPECIFIED);
  EXPECT_FALSE(call->event.details().has_talk_duration());
  EXPECT_FALSE(call->event.details().has_cost());
  EXPECT_EQ(call->event.details().parent_call_id(), telephony::CallIdOf(kTestAccount, "CA0"));
  for (const char* body : {"", "null", "[1]", R"({"sid":{}})", "{\"sid\":\"\xFF\"}"}) {
    api_.Answer(200, body);
    EXPECT_EQ(client_.FetchCall(account_, "CA1").status().code(), absl::StatusCode::kUnavailable) << body;
  }
}

TEST_F(RestClientTest, ErrorsAreThoseOfTheContract) {
  for (const auto& [status, body, code] : std::vector<std::tuple<int, std::string, absl::StatusCode>>{
           {404, R"({"code":20404})", absl::StatusCode::kNotFound},
           {404, "<html>", absl::StatusCode::kNotFound},
           {401, R"({"code":20003})", absl::StatusCode::kPermissionDenied},
           {403, R"({"code":20006})", absl::StatusCode::kPermissionDenied},
           {429, R"({"code":20429})", absl::StatusCode::kUnavailable},
           {500, "", absl::StatusCode::kUnavailable},
           {503, R"({"code":21211})", absl::StatusCode::kUnavailable},
           {405, R"({"code":20004})", absl::StatusCode::kUnimplemented},
           {400, R"({"code":21220})", absl::StatusCode::kFailedPrecondition},
           {400, R"({"code":99999999999})", absl::StatusCode::kFailedPrecondition}}) {
    api_.Answer(status, body);
    EXPECT_EQ(controls_.Update(account_, Call(), {}).status().code(), code) << status << body;
  }
  account_.settings["api_url"] = "http://127.0.0.1:1";
  EXPECT_EQ(client_.FetchCall(account_, "CA1").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RestClientTest, AnIdCannotLeaveItsPlaceInTheUrl) {
  api_.Answer(404, "");
  EXPECT_FALSE(client_.FetchCall(account_, "../../Accounts?x=").ok());
  EXPECT_EQ(api_.requests().at(0).target, Concat(kPath, "/Calls/..%2F..%2FAccounts%3Fx%3D.json"));
}

TEST_F(RestClientTest, ListsEveryPageAndTheCallsThatWait) {
  const std::string late = "Tue, 03 Mar 2026 10:00:05 +0000";
  const std::string early = "Tue, 03 Mar 2026 09:59:59 +0000";
  api_.Answer(200, Concat(R"({"calls":[)", CallJson("CA1", "completed", late), ",", CallJson("CA2", "busy", early),
                          R"(],"next_page_uri":")", kPath, R"(/Calls.json?Page=1&PageToken=PACA1"})"));
  api_.Answer(200, Concat(R"({"calls":[)", CallJson("CA3", "in-progress", late), R"(],"next_page_uri":null})"));
  api_.Answer(200, Concat(R"({"calls":[)", CallJson("CA4", "queued", late), R"(],"next_page_uri":null})"));
  api_.Answer(200, Concat(R"({"calls":[)", CallJson("CA4", "ringing", late), R"(]})"));
  const auto calls = client_.ListCalls(
      account_, {.from = "+15550100003", .to = "+15550100002", .created_since = since_ + absl::Milliseconds(900)});
  ASSERT_TRUE(calls.ok()) << calls.status();
  std::vector<std::string> ids;
  for (const ProviderCall& call : *calls) ids.push_back(call.external_call_id);
  EXPECT_THAT(ids, ElementsAre("CA1", "CA3", "CA4"));
  ASSERT_EQ(api_.requests().size(), 4u);
  EXPECT_EQ(api_.requests()[0].target,
            Concat(kPath, "/Calls.json?To=%2B15550100002&From=%2B15550100003&PageSize=200&StartTime%3E=2026-03-03"));
  EXPECT_EQ(api_.requests()[1].target, Concat(kPath, "/Calls.json?Page=1&PageToken=PACA1"));
  EXPECT_THAT(api_.requests()[2].target, HasSubstr("Status=queued"));
  EXPECT_THAT(api_.requests()[2].target, Not(HasSubstr("StartTime")));
  EXPECT_THAT(api_.requests()[3].target, HasSubstr("Status=ringing"));
}

TEST_F(RestClientTest, AListIsNotFollowedToAnotherHost) {
  for (const char* uri : {"https://evil.example/x", "//evil.example/x", "@evil.example/", ".evil.example"}) {
    api_.Answer(200, Concat(R"({"calls":[],"next_page_uri":")", uri, R"("})"));
    EXPECT_EQ(client_.ListCalls(account_, {.from = "+1", .to = "+2", .created_since = since_}).status().code(),
              absl::StatusCode::kUnavailable)
        << uri;
  }
  EXPECT_EQ(api_.requests().size(), 4u);
}

TEST_F(RestClientTest, AListThatCannotBeReadIsNoEmptyList) {
  for (const char* body : {"", "{}", R"({"calls":{}})", R"({"calls":[{}]})", R"({"calls":[7]})"}) {
    api_.Answer(200, body);
    EXPECT_EQ(client_.ListCalls(account_, {.from = "+1", .to = "+2", .created_since = since_}).status().code(),
              absl::StatusCode::kUnavailable)
        << body;
  }
}

TEST_F(RestClientTest, AListThatDoesNotEndIsGivenUp) {
  for (int i = 0; i < 60; ++i) api_.Answer(200, R"({"calls":[],"next_page_uri":"/again"})");
  EXPECT_EQ(client_.ListCalls(account_, {.from = "+1", .to = "+2", .created_since = since_}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(api_.requests().size(), 50u);
}

TEST_F(RestClientTest, EndsACall) {
  api_.Answer(200, CallJson("CA1", "completed", ""));
  EXPECT_TRUE(client_.EndCall(account_, "CA1").ok());
  EXPECT_EQ(api_.requests().at(0).target, Concat(kPath, "/Calls/CA1.json"));
  EXPECT_EQ(api_.requests().at(0).body, "Status=completed");
  api_.Answer(400, R"({"code":21220})");
  EXPECT_TRUE(client_.EndCall(account_, "CA1").ok());
  api_.Answer(404, R"({"code":20404})");
  api_.Answer(200, CallJson("CA1", "busy", ""));
  EXPECT_TRUE(client_.EndCall(account_, "CA1").ok());
  api_.Answer(404, R"({"code":20404})");
  api_.Answer(404, R"({"code":20404})");
  EXPECT_EQ(client_.EndCall(account_, "CA1").code(), absl::StatusCode::kNotFound);
}

TEST_F(RestClientTest, UpdatesACallWithTwiml) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text("hello & goodbye");
  api_.Answer(200, CallJson("CA1", "in-progress", ""));
  EXPECT_TRUE(controls_.Update(account_, Call(), plan).ok());
  EXPECT_THAT(ParseForm(api_.requests().at(0).body),
              ElementsAre(Pair("Twiml", R"(<?xml version="1.0" encoding="UTF-8"?>)"
                                        "<Response><Say>hello &amp; goodbye</Say></Response>")));
  plan.mutable_verbs(0)->mutable_say()->set_text(std::string(4000, 'x'));
  EXPECT_EQ(controls_.Update(account_, Call(), plan).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(api_.requests().size(), 1u);
}

TEST_F(RestClientTest, ChecksAnAccountWithoutReadingIt) {
  api_.Answer(200, R"({"calls":[]})");
  EXPECT_THAT(*client_.CheckAccount(account_), IsEmpty());
  EXPECT_EQ(api_.requests().at(0).target, Concat(kPath, "/Calls.json?PageSize=1"));

  api_.Answer(401, R"({"code":20003})");
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).field, "credentials.auth_token");
  api_.Answer(404, R"({"code":20404})");
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).field, "settings.account_sid");
  api_.Answer(503, "");
  EXPECT_EQ(client_.CheckAccount(account_).status().code(), absl::StatusCode::kUnavailable);

  account_.credentials["api_key_sid"] = "SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
  account_.credentials["api_key_secret"] = "s3cret";
  api_.Answer(200, "{}");
  api_.Answer(401, R"({"code":20003})");
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).field, "credentials.api_key_secret");

  const size_t asked = api_.requests().size();
  account_.settings["account_sid"] = "nonsense";
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).field, "settings.account_sid");
  EXPECT_EQ(api_.requests().size(), asked);
}

}  // namespace
}  // namespace trunkline::providers::twilio
