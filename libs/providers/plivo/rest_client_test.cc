#include "libs/providers/plivo/rest_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/controls.h"
#include "libs/providers/plivo/recordings.h"
#include "libs/providers/plivo/test_webhooks.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/fake_api.h"
#include "tests/support/fetch_whole.h"

namespace trunkline::providers::plivo {
namespace {

using telephony::NameOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kPath[] = "/v1/Account/MAEXAMPLE00000000001";
constexpr char kUuid[] = "5ca1ab1e-0000-4000-8000-000000000002";

LiveCall Call() {
  return {.call_id = kTestCall,
          .external_call_id = kUuid,
          .from = "+15550100003",
          .to = "+15550100002",
          .direction = calls::v1::CALL_DIRECTION_OUTBOUND};
}

std::string RecordJson(std::string_view uuid, std::string_view initiated) {
  return Concat(R"({"call_uuid":")", uuid, R"(","initiation_time":")", initiated,
                R"(","end_time":"2026-03-03 15:46:15+05:30","call_direction":"outbound","from_number":"+15550100003",)",
                R"("to_number":"15550100002","call_duration":66,"bill_duration":66,"billed_duration":120,)",
                R"("hangup_cause_code":4000,"hangup_cause_name":"Normal Hangup","hangup_source":"Callee",)",
                R"("total_amount":"0.01700"})");
}

std::string PageOf(std::string_view objects, bool more) {
  return Concat(R"({"meta":{"limit":20,"next":)", more ? R"("/next")" : "null", R"(},"objects":[)", objects, "]}");
}

class RestClientTest : public testing::Test {
 protected:
  RestClientTest() { account_.settings["api_url"] = api_.Url(); }

  DialOutcome PlaceWith(int status, std::string body) {
    api_.Answer(status, std::move(body));
    return client_.PlaceCall(account_,
                             {.call_id = kTestCall, .to = "+15550100002", .options = {.from = "+15550100003"}});
  }
  std::vector<std::string> Asked() const {
    std::vector<std::string> asked;
    for (const http::Request& request : api_.requests()) {
      asked.push_back(Concat(request.method, " ", std::string_view(request.target).substr(sizeof kPath - 1)));
    }
    return asked;
  }
  nlohmann::json Body(size_t at) const { return ParseJson(api_.requests().at(at).body); }

  testing_support::FakeApi api_;
  Account account_ = TestAccount();
  const ProviderOptions options_{.public_url = kTestBase, .api_timeout = absl::Seconds(5)};
  RestApi rest_api_{options_};
  RestClient client_{options_, rest_api_};
  Recordings recordings_{options_, rest_api_};
  Controls controls_{options_, rest_api_, recordings_};
  const absl::Time since_ = absl::FromUnixSeconds(1'772'532'000);  // 2026-03-03 10:00:00
};

TEST_F(RestClientTest, PlacesACallWithEverythingInIt) {
  account_.settings["currency"] = "INR";
  api_.Answer(201, Concat(R"({"message":"call fired","request_uuid":")", kUuid, "\"}"));
  const DialOutcome outcome = client_.PlaceCall(account_, {.call_id = kTestCall,
                                                           .to = "+15550100002",
                                                           .options = {.from = "+15550100003",
                                                                       .ring_timeout = absl::Seconds(25),
                                                                       .time_limit = absl::Minutes(30),
                                                                       .record = true,
                                                                       .detect_machine = true}});
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
  EXPECT_EQ(outcome.external_call_id, kUuid);
  EXPECT_THAT(Asked(), ElementsAre("POST /Call/"));
  EXPECT_EQ(api_.requests()[0].Header("content-type"), "application/json");
  const nlohmann::json body = Body(0);
  EXPECT_EQ(body["from"], "15550100003");
  EXPECT_EQ(body["to"], "15550100002");
  EXPECT_EQ(body["ring_timeout"], 25);
  EXPECT_EQ(body["time_limit"], 1800);
  EXPECT_EQ(body["machine_detection"], "true");
  const std::string tail = Concat("?account=", kTestAccount, "&call=", kTestCall, "&currency=INR");
  EXPECT_EQ(body["hangup_url"], Concat(kTestBase, "/telephony/webhook/plivo/hangup", tail, "#rc=5&rp=all"));
  EXPECT_EQ(body["answer_url"], Concat(kTestBase, "/telephony/webhook/plivo/answer", tail,
                                       "&record=1#ct=1500&rt=3500&tt=14000&rc=2&rp=5xx,ct,rt"));
}

TEST_F(RestClientTest, PlacesManyCallsAtOnce) {
  api_.Answer(201, R"({"request_uuid":["u-1","u-2"]})");
  const auto outcomes = client_.PlaceCalls(
      account_, {.bulk_id = kTestCall, .to = {"+15550100001", "+15550100002"}, .options = {.from = "+15550100003"}});
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].external_call_id, "u-1");
  EXPECT_EQ(outcomes[1].external_call_id, "u-2");
  EXPECT_EQ(Body(0)["to"], "15550100001<15550100002");
  EXPECT_THAT(Body(0)["ring_url"].get<std::string>(), HasSubstr(Concat("bulk=", kTestCall)));
}

TEST_F(RestClientTest, ABulkIsPlacedOrRefusedAsAWhole) {
  const BulkDialRequest request{
      .bulk_id = kTestCall, .to = {"+15550100001", "+15550100002"}, .options = {.from = "+1"}};
  api_.Answer(400, R"({"error":"to is not valid"})");
  for (const DialOutcome& outcome : client_.PlaceCalls(account_, request)) {
    EXPECT_EQ(outcome.kind, DialOutcome::Kind::kRejected);
  }
  api_.Answer(500, "{}");
  for (const DialOutcome& outcome : client_.PlaceCalls(account_, request)) {
    EXPECT_EQ(outcome.kind, DialOutcome::Kind::kInDoubt);
  }
  api_.Answer(201, R"({"request_uuid":["u-1"]})");
  for (const DialOutcome& outcome : client_.PlaceCalls(account_, request)) {
    EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
    EXPECT_EQ(outcome.external_call_id, "");
  }
  const BulkDialRequest large{.bulk_id = kTestCall, .to = std::vector<std::string>(1001, "+1"), .options = {}};
  EXPECT_EQ(client_.PlaceCalls(account_, large).back().kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(api_.requests().size(), 3u);
}

TEST_F(RestClientTest, ARefusalIsCertainAndAFailureIsNot) {
  EXPECT_EQ(PlaceWith(400, R"({"error":"to is bad"})").kind, DialOutcome::Kind::kRejected);
  EXPECT_TRUE(PlaceWith(429, "{}").error.retryable());
  EXPECT_EQ(PlaceWith(500, "{}").kind, DialOutcome::Kind::kInDoubt);
  EXPECT_EQ(PlaceWith(201, "{}").kind, DialOutcome::Kind::kInDoubt);
  EXPECT_EQ(PlaceWith(201, "nonsense").kind, DialOutcome::Kind::kInDoubt);
}

TEST_F(RestClientTest, FetchesACallWhereverItIs) {
  api_.Answer(404, "{}");
  api_.Answer(404, "{}");
  api_.Answer(200, RecordJson(kUuid, "2026-03-03 15:45:00+05:30"));
  const auto call = client_.FetchCall(account_, kUuid);
  ASSERT_TRUE(call.ok()) << call.status();
  // In the order in which a call goes on, so that it slips through at no moment.
  EXPECT_THAT(Asked(), ElementsAre(Concat("GET /Call/", kUuid, "/?status=queued"),
                                   Concat("GET /Call/", kUuid, "/?status=live"), Concat("GET /Call/", kUuid, "/")));
  EXPECT_EQ(call->to, "+15550100002");
  EXPECT_EQ(call->created_at, absl::FromUnixSeconds(1'772'532'900));
  EXPECT_EQ(NameOf(call->event.status()), "completed");
  EXPECT_EQ(NameOf(call->event.hangup().source()), "callee");
  EXPECT_EQ(call->event.details().cost().micros(), 17'000);
  EXPECT_EQ(call->event.details().talk_duration().seconds(), 66);
}

TEST_F(RestClientTest, ListsQueuedLiveAndEndedCallsToTheEnd) {
  api_.Answer(200, R"({"calls":[]})");
  api_.Answer(200, Concat(R"({"calls":[")", kUuid, "\"]}"));
  api_.Answer(
      200, Concat(R"({"call_uuid":")", kUuid, R"(","call_status":"ringing","from":"15550100003","to":"15550100002",)",
                  R"("session_start":"2026-03-03 10:15:00.05"})"));
  api_.Answer(200, PageOf(RecordJson("u-1", "2026-03-03 15:45:00+05:30"), true));
  api_.Answer(200, PageOf(RecordJson("u-2", "2026-03-03 15:20:00+05:30"), false));
  api_.Answer(200, PageOf("", false));
  const auto calls = client_.ListCalls(account_, {.from = "", .to = "+15550100002", .created_since = since_});
  ASSERT_TRUE(calls.ok()) << calls.status();
  std::vector<std::string> ids;
  for (const ProviderCall& call : *calls) ids.push_back(call.external_call_id);
  EXPECT_THAT(ids, testing::UnorderedElementsAre(kUuid, "u-1"));
  EXPECT_THAT(api_.requests()[4].target, HasSubstr("offset=20"));
  EXPECT_THAT(api_.requests()[3].target, HasSubstr("end_time__gte=2026-03-02%2019%3A00%3A00"));
}

TEST_F(RestClientTest, AListThatCannotBeReadIsAnError) {
  api_.Answer(200, R"({"calls":[]})");
  api_.Answer(200, R"({"calls":[]})");
  api_.Answer(200, PageOf("{}", false));
  EXPECT_EQ(client_.ListCalls(account_, {}).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RestClientTest, EndsACallWhereverItIs) {
  for (int i = 0; i < 3; ++i) api_.Answer(404, "{}");
  EXPECT_TRUE(client_.EndCall(account_, kUuid).ok());
  const std::string call = Concat("DELETE /Call/", kUuid, "/");
  EXPECT_THAT(Asked(), ElementsAre(call, Concat("DELETE /Request/", kUuid, "/"), call));
  api_.Answer(401, "{}");
  EXPECT_EQ(client_.EndCall(account_, kUuid).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(RestClientTest, NeverEndsAllCalls) {
  for (const char* id : {"", ".", "..", "/", "a/..", "%2e", "?"}) {
    EXPECT_EQ(client_.EndCall(account_, id).code(), absl::StatusCode::kNotFound) << id;
    EXPECT_EQ(client_.FetchCall(account_, id).status().code(), absl::StatusCode::kNotFound) << id;
  }
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(RestClientTest, ChecksTheAccount) {
  api_.Answer(200, PageOf("", false));
  EXPECT_TRUE(client_.CheckAccount(account_)->empty());
  api_.Answer(401, "{}");
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).reason, "CREDENTIALS_REFUSED");
  api_.Answer(404, "{}");
  EXPECT_EQ(client_.CheckAccount(account_)->at(0).reason, "UNKNOWN_ACCOUNT");
  api_.Answer(503, "{}");
  EXPECT_EQ(client_.CheckAccount(account_).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RestClientTest, AContinuingPlanMovesTheCallToItsStep) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_continue_()->set_step("menu");
  api_.Answer(202, R"({"message":"call transfered"})");
  EXPECT_TRUE(controls_.Update(account_, Call(), plan).ok());
  EXPECT_EQ(Body(0)["legs"], "aleg");
  EXPECT_THAT(Body(0)["aleg_url"].get<std::string>(), HasSubstr("/plivo/answer?"));
  EXPECT_THAT(Body(0)["aleg_url"].get<std::string>(), HasSubstr("&step=menu"));
}

TEST_F(RestClientTest, APlanThatNoRequestCanSayIsRefused) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text("a");
  plan.add_verbs()->mutable_say()->set_text("b");
  EXPECT_EQ(controls_.Update(account_, Call(), plan).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(RestClientTest, HoldsAMemberOfAConference) {
  api_.Answer(200, R"({"meta":{"next":null},"objects":[]})");
  api_.Answer(200, R"({"conferences":["My Room"]})");
  api_.Answer(200, Concat(R"({"members":[{"member_id":"17","call_uuid":")", kUuid, "\"}]}"));
  for (int i = 0; i < 3; ++i) api_.Answer(202, "{}");
  EXPECT_TRUE(controls_.Hold(account_, Call(), "https://x/m.mp3").ok());
  EXPECT_THAT(Asked(),
              ElementsAre(HasSubstr("GET /MultiPartyCall/?status=active"), "GET /Conference/",
                          "GET /Conference/My%20Room/", "POST /Conference/My%20Room/Member/17/Deaf/",
                          "POST /Conference/My%20Room/Member/17/Mute/", "POST /Conference/My%20Room/Member/17/Play/"));
}

TEST_F(RestClientTest, ACallThatIsInNoRoomCannotBeHeld) {
  api_.Answer(200, R"({"meta":{"next":null},"objects":[]})");
  api_.Answer(200, R"({"conferences":[]})");
  EXPECT_EQ(controls_.Hold(account_, Call(), "").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RestClientTest, NothingIsResumedOfACallInNoRoom) {
  for (const int status : {200, 404}) {
    api_.Answer(200, R"({"meta":{"next":null},"objects":[]})");
    api_.Answer(200, R"({"conferences":[]})");
    api_.Answer(status, "{}");
    const absl::StatusCode code = status == 200 ? absl::StatusCode::kOk : absl::StatusCode::kNotFound;
    EXPECT_EQ(controls_.Resume(account_, Call()).status().code(), code);
    EXPECT_EQ(Asked().back(), Concat("GET /Call/", kUuid, "/?status=live"));
  }
}

TEST_F(RestClientTest, WhatIsNoKeyIsNotSent) {
  for (const char* digits : {"", "call me", "1A"}) {
    EXPECT_EQ(controls_.SendDigits(account_, Call(), digits).status().code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(RestClientTest, ATransferMeetsInARoom) {
  api_.Answer(202, "{}");
  api_.Answer(202, "{}");
  EXPECT_TRUE(controls_.Transfer(account_, Call(), {.target = "+15550100009", .caller_id = ""}).ok());
  EXPECT_EQ(Body(0)["to"], "15550100009");
  EXPECT_EQ(Body(0)["from"], "15550100003");
  EXPECT_EQ(Body(1)["call_uuid"], kUuid);
  EXPECT_EQ(controls_.Transfer(account_, Call(), {.target = "+1", .caller_id = "", .attended = true}).status().code(),
            absl::StatusCode::kUnimplemented);
}

TEST_F(RestClientTest, AFailedTransferLeavesNobodyWaiting) {
  api_.Answer(202, "{}");
  api_.Answer(404, "{}");
  api_.Answer(204, "");
  EXPECT_EQ(controls_.Transfer(account_, Call(), {.target = "+15550100009", .caller_id = ""}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(Asked().back(), HasSubstr("DELETE /MultiPartyCall/name_trunklinetransfer"));
}

TEST_F(RestClientTest, PlaysSpeaksAndSendsKeys) {
  for (int i = 0; i < 5; ++i) api_.Answer(202, "{}");
  EXPECT_TRUE(controls_.Play(account_, Call(), {.url = "https://x/a.mp3", .text = "", .language = ""}).ok());
  EXPECT_TRUE(controls_.Play(account_, Call(), {.url = "", .text = "Hello", .language = "en-US"}).ok());
  EXPECT_TRUE(controls_.SendDigits(account_, Call(), "1w2").ok());
  EXPECT_TRUE(controls_.StopPlaying(account_, Call()).ok());
  const std::string call = Concat(" /Call/", kUuid, "/");
  EXPECT_THAT(Asked(),
              ElementsAre(Concat("POST", call, "Play/"), Concat("POST", call, "Speak/"), Concat("POST", call, "DTMF/"),
                          Concat("DELETE", call, "Play/"), Concat("DELETE", call, "Speak/")));
}

TEST_F(RestClientTest, RecordsForLongerThanAMinute) {
  api_.Answer(202, R"({"recording_id":"r-1","url":"https://media.plivo.com/r-1.mp3"})");
  const auto recording = recordings_.Start(account_, Call());
  ASSERT_TRUE(recording.ok());
  EXPECT_EQ(recording->external_recording_id(), "r-1");
  EXPECT_EQ(Body(0)["time_limit"], 14'400);
}

TEST_F(RestClientTest, ListsGetsFetchesAndDeletesRecordings) {
  const std::string object =
      Concat(R"({"recording_id":"r-1","call_uuid":")", kUuid, R"(","recording_url":")", api_.Url(),
             R"(/r-1.mp3","recording_duration_ms":"345100.00000",)", R"("recording_start_ms":"1772528401020.00000"})");
  api_.Answer(200, PageOf(object, false));
  api_.Answer(200, PageOf("", false));
  api_.Answer(200, PageOf("", false));
  const auto list = recordings_.List(account_, kUuid);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(telephony::FromProto(list->at(0).recording.duration()), absl::Milliseconds(345'100));
  api_.Answer({.status = 200, .headers = {{"Content-Type", "audio/mpeg"}}, .body = "sound"});
  const auto media = testing_support::FetchWhole(recordings_, account_, list->at(0).recording);
  ASSERT_TRUE(media.ok()) << media.status();
  EXPECT_EQ(media->bytes, "sound");
  EXPECT_FALSE(api_.requests().back().Header("authorization").empty());
  api_.Answer(404, "{}");
  EXPECT_TRUE(recordings_.Delete(account_, "r-1").ok());
}

TEST_F(RestClientTest, CredentialsGoToNoOtherHost) {
  testing_support::FakeApi other;
  calls::v1::Recording recording;
  recording.set_url(Concat(other.Url(), "/r-1.mp3"));
  EXPECT_EQ(testing_support::FetchWhole(recordings_, account_, recording).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(other.requests().empty());
}

}  // namespace
}  // namespace trunkline::providers::plivo
