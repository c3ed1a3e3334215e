#include "tools/provider-twin/twilio/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "tools/provider-twin/twilio/signature.h"
#include "tools/provider-twin/twilio/twilio_fixture.h"

namespace trunkline::twin::twilio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ExchangeTest : public TwilioFixture {};

TEST_F(ExchangeTest, AnsweredCallGoesThroughAllEventsInOrder) {
  Page("/voice", "<Pause length=\"10\"/>");
  const std::string sid = Place("+15550100001");
  EXPECT_EQ(Call(sid)["status"], "queued");
  Pass(absl::Seconds(1));
  EXPECT_EQ(Call(sid)["status"], "ringing");
  Pass(absl::Seconds(2));
  EXPECT_EQ(Call(sid)["status"], "in-progress");
  Pass(absl::Minutes(1));
  EXPECT_EQ(Call(sid)["status"], "completed");
  EXPECT_EQ(Call(sid)["duration"], "10");
  EXPECT_THAT(SentValues("/status", "CallStatus"), ElementsAre("initiated", "ringing", "in-progress", "completed"));
  EXPECT_THAT(SentValues("/status", "SequenceNumber"), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(SentValues("/status", "CallDuration"), ElementsAre("(none)", "(none)", "(none)", "10"));
  EXPECT_THAT(SentValues("/voice", "CallStatus"), ElementsAre("in-progress"));
}

TEST_F(ExchangeTest, OnlySubscribedEventsAreSentAndCounted) {
  Page("/voice", "<Hangup/>");
  Ask("POST", "/Calls.json",
      {{"To", "+15550100001"},
       {"From", std::string(kFrom)},
       {"Url", "http://hooks/voice"},
       {"StatusCallback", "http://hooks/status"}});
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/status", "CallStatus"), ElementsAre("completed"));
  EXPECT_THAT(SentValues("/status", "SequenceNumber"), ElementsAre("0"));
}

struct Ending {
  std::string number;
  std::string status;
  std::string sip_code;
};

class EndingTest : public TwilioFixture, public testing::WithParamInterface<Ending> {};

TEST_P(EndingTest, IsToldWithItsCode) {
  const std::string sid = Place(GetParam().number);
  Pass(absl::Minutes(5));
  EXPECT_EQ(Call(sid)["status"], GetParam().status);
  EXPECT_TRUE(Call(sid)["duration"].is_null());
  EXPECT_EQ(SentValues("/status", "CallStatus").back(), GetParam().status);
  EXPECT_EQ(SentValues("/status", "SipResponseCode").back(), GetParam().sip_code);
  EXPECT_EQ(SentValues("/status", "CallDuration").back(), "0");
  EXPECT_THAT(Sent("/voice"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, EndingTest,
                         testing::Values(Ending{"+15550100050", "busy", "486"},
                                         Ending{"+15550100051", "no-answer", "487"},
                                         Ending{"+15550100052", "failed", "404"},
                                         Ending{"+15550100054", "busy", "603"}));

TEST_F(ExchangeTest, NoAnswerComesAtTheTimeout) {
  const std::string sid = Place("+15550100051", {{"Timeout", "20"}});
  Pass(absl::Seconds(20));
  EXPECT_EQ(Call(sid)["status"], "ringing");
  Pass(absl::Seconds(1));
  EXPECT_EQ(Call(sid)["status"], "no-answer");
}

TEST_F(ExchangeTest, CalleeWhoHangsUpEndsTheCall) {
  Page("/voice", "<Pause length=\"60\"/>");
  const std::string sid = Place("+15550100062");
  Pass(absl::Seconds(10));
  EXPECT_EQ(Call(sid)["status"], "completed");
  EXPECT_EQ(Call(sid)["duration"], "2");
}

TEST_F(ExchangeTest, WebhooksAreSignedOverTheUrlWithoutFragment) {
  Page("/voice?a=b", "<Hangup/>");
  Ask("POST", "/Calls.json",
      {{"To", "+15550100001"}, {"From", std::string(kFrom)}, {"Url", "http://hooks/voice?a=b#rc=3&rp=all"}});
  Pass(absl::Seconds(10));
  ASSERT_EQ(transport_.requests.size(), 1);
  const http::ClientRequest& request = transport_.requests[0];
  EXPECT_EQ(request.url, "http://hooks/voice?a=b");
  EXPECT_EQ(http::FindHeader(request.headers, "x-twilio-signature"),
            Sign(kToken, request.url, ParseForm(request.body)));
  EXPECT_EQ(http::FindHeader(request.headers, "i-twilio-idempotency-token").size(), 36);
}

TEST_F(ExchangeTest, MethodGetPutsTheParametersIntoTheQuery) {
  Place("+15550100050", {{"StatusCallbackMethod", "GET"}});
  Pass(absl::Seconds(10));
  const http::ClientRequest& request = transport_.requests.back();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(http::FindHeader(request.headers, "x-twilio-signature"), Sign(kToken, request.url, {}));
  EXPECT_EQ(FindInForm(ParseForm(request.url.substr(request.url.find('?') + 1)), "CallStatus"), "busy");
}

TEST_F(ExchangeTest, MachineDetectionDelaysTheInstructions) {
  Page("/voice", "<Hangup/>");
  Place("+15550100055", {{"MachineDetection", "Enable"}});
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/voice", "AnsweredBy"), ElementsAre("machine_start"));
  EXPECT_THAT(SentValues("/status", "AnsweredBy"), ElementsAre("(none)", "(none)", "(none)", "machine_start"));
}

TEST_F(ExchangeTest, AsynchronousMachineDetectionHasACallbackOfItsOwn) {
  Page("/voice", "<Pause length=\"30\"/>");
  Place(
      "+15550100055",
      {{"MachineDetection", "DetectMessageEnd"}, {"AsyncAmd", "true"}, {"AsyncAmdStatusCallback", "http://hooks/amd"}});
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/voice", "AnsweredBy"), ElementsAre("(none)"));
  EXPECT_THAT(SentValues("/amd", "AnsweredBy"), ElementsAre("machine_end_beep"));
  EXPECT_THAT(SentValues("/amd", "From"), ElementsAre("(none)"));
}

TEST_F(ExchangeTest, RecordedCallTellsItsRecordingTwice) {
  Page("/voice", "<Pause length=\"10\"/>");
  const std::string sid = Place("+15550100001", {{"Record", "true"}, {"RecordingStatusCallback", "http://hooks/rec"}});
  Pass(absl::Minutes(1));
  ASSERT_EQ(Sent("/rec").size(), 1);
  EXPECT_EQ(SentValues("/rec", "RecordingDuration")[0], "10");
  EXPECT_EQ(SentValues("/rec", "RecordingSource")[0], "OutboundAPI");
  EXPECT_EQ(SentValues("/rec", "RecordingSid")[0], SentValues("/status", "RecordingSid").back());
  const auto list = AskJson("GET", Concat("/Calls/", sid, "/Recordings.json"));
  ASSERT_EQ(list["recordings"].size(), 1);
  EXPECT_EQ(list["recordings"][0]["status"], "completed");
}

// --- instructions --------------------------------------------------------------------------------------------------

TEST_F(ExchangeTest, GatherPostsTheKeysToItsAction) {
  Page("/voice", "<Gather action=\"/gather?x=1&amp;y=2\" numDigits=\"4\"><Say>Your number, please</Say></Gather>");
  Page("/gather?x=1&y=2", "<Hangup/>");
  Place("+15550100001");
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/gather?x=1&y=2", "Digits"), ElementsAre("1234"));
}

TEST_F(ExchangeTest, GatherWithoutKeysGoesOnUnlessItAsksAnyway) {
  Page("/voice", "<Gather action=\"/gather\"/><Redirect>/next</Redirect>");
  Page("/next", "<Gather action=\"/anyway\" actionOnEmptyResult=\"true\"/>");
  Page("/anyway", "<Hangup/>");
  Place("+15550100045");
  Pass(absl::Minutes(1));
  EXPECT_THAT(Sent("/gather"), IsEmpty());
  EXPECT_EQ(Sent("/next").size(), 1);
  EXPECT_THAT(SentValues("/anyway", "Digits"), ElementsAre(""));
}

TEST_F(ExchangeTest, RecordPostsItsRecording) {
  Page("/voice", "<Record action=\"/recorded\" recordingStatusCallback=\"/rec\"/>");
  Page("/recorded", "<Hangup/>");
  Place("+15550100001");
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/recorded", "RecordingDuration"), ElementsAre("6"));
  EXPECT_EQ(SentValues("/rec", "RecordingSid"), SentValues("/recorded", "RecordingSid"));
}

TEST_F(ExchangeTest, DialJoinsALegOfItsOwn) {
  Page("/voice",
       "<Dial action=\"/dial\" record=\"record-from-answer-dual\"><Number statusCallback=\"/leg\" "
       "statusCallbackEvent=\"initiated ringing answered completed\">+15550100005</Number></Dial>");
  Page("/dial", "<Hangup/>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Minutes(2));
  EXPECT_THAT(SentValues("/leg", "CallStatus"), ElementsAre("initiated", "ringing", "in-progress", "completed"));
  EXPECT_THAT(SentValues("/leg", "ParentCallSid"), ElementsAre(sid, sid, sid, sid));
  EXPECT_THAT(SentValues("/leg", "Direction"), testing::Each("outbound-dial"));
  EXPECT_THAT(SentValues("/dial", "DialCallStatus"), ElementsAre("completed"));
  EXPECT_THAT(SentValues("/dial", "DialCallDuration"), ElementsAre("15"));
  EXPECT_THAT(SentValues("/dial", "DialBridged"), ElementsAre("true"));
  EXPECT_EQ(SentValues("/dial", "DialCallSid")[0], SentValues("/leg", "CallSid")[0]);
  EXPECT_TRUE(SentValues("/dial", "RecordingUrl")[0].starts_with("http://twin/2010-04-01/"));
}

TEST_F(ExchangeTest, DialThatNobodyTakesTellsWhy) {
  Page("/voice", "<Dial action=\"/dial\">+15550100050</Dial>");
  Page("/dial", "<Hangup/>");
  Place("+15550100001");
  Pass(absl::Minutes(2));
  EXPECT_THAT(SentValues("/dial", "DialCallStatus"), ElementsAre("busy"));
  EXPECT_THAT(SentValues("/dial", "DialBridged"), ElementsAre("false"));
}

TEST_F(ExchangeTest, FirstToAnswerWinsAndTheOthersAreCanceled) {
  Page("/voice",
       "<Dial action=\"/dial\"><Number statusCallback=\"/slow\">+15550100053</Number>"
       "<Number statusCallback=\"/fast\">+15550100005</Number></Dial>");
  Page("/dial", "<Hangup/>");
  Place("+15550100001");
  Pass(absl::Minutes(2));
  EXPECT_THAT(SentValues("/slow", "CallStatus"), ElementsAre("canceled"));
  EXPECT_THAT(SentValues("/fast", "CallStatus"), ElementsAre("completed"));
}

TEST_F(ExchangeTest, SequentialDialRingsOneAfterTheOther) {
  Page("/voice",
       "<Dial action=\"/dial\" sequential=\"true\"><Number statusCallback=\"/one\">+15550100050</Number>"
       "<Number statusCallback=\"/two\">+15550100005</Number></Dial>");
  Page("/dial", "<Hangup/>");
  Place("+15550100001");
  Pass(absl::Minutes(2));
  EXPECT_THAT(SentValues("/one", "CallStatus"), ElementsAre("busy"));
  EXPECT_THAT(SentValues("/two", "CallStatus"), ElementsAre("completed"));
  EXPECT_THAT(SentValues("/dial", "DialCallStatus"), ElementsAre("completed"));
}

TEST_F(ExchangeTest, CallerWhoLeavesADialEndsTheLegAndTheActionHearsOfIt) {
  Page("/voice", "<Dial action=\"/dial\"><Number statusCallback=\"/leg\">+15550100044</Number></Dial>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(10));
  Ask("POST", Concat("/Calls/", sid, ".json"), {{"Status", "completed"}});
  EXPECT_THAT(SentValues("/leg", "CallStatus"), ElementsAre("completed"));
  EXPECT_THAT(SentValues("/dial", "CallStatus"), ElementsAre("completed"));
  EXPECT_THAT(SentValues("/dial", "DialCallStatus"), ElementsAre("completed"));
}

TEST_F(ExchangeTest, EnqueuedCallerGivesUp) {
  Page("/voice", "<Enqueue waitUrl=\"/wait\" action=\"/queue\">support</Enqueue>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Minutes(2));
  EXPECT_EQ(Sent("/wait").size(), 1);
  EXPECT_THAT(SentValues("/queue", "QueueResult"), ElementsAre("hangup"));
  EXPECT_THAT(SentValues("/queue", "QueueTime"), ElementsAre("30"));
  EXPECT_EQ(Call(sid)["status"], "completed");
}

TEST_F(ExchangeTest, EmptyResponseHangsUp) {
  Page("/voice", "");
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(3));
  EXPECT_EQ(Call(sid)["status"], "completed");
}

TEST_F(ExchangeTest, FailedInstructionsAskTheFallback) {
  pages_["/voice"] = {.status = 500};
  Page("/fallback", "<Hangup/>");
  Place("+15550100001", {{"FallbackUrl", "http://hooks/fallback"}});
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/fallback", "ErrorCode"), ElementsAre("11200"));
  EXPECT_THAT(SentValues("/fallback", "ErrorUrl"), ElementsAre("http://hooks/voice"));
}

TEST_F(ExchangeTest, InstructionsThatDoNotParseEndTheCallWithoutFallback) {
  pages_["/voice"] = {.status = 200, .body = "<Response><Say>"};
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(5));
  EXPECT_EQ(Call(sid)["status"], "completed");
  EXPECT_EQ(Sent("/voice").size(), 1);
}

TEST_F(ExchangeTest, NewInstructionsBreakOffTheOld) {
  Page("/voice", "<Dial action=\"/dial\"><Number statusCallback=\"/leg\">+15550100044</Number></Dial>");
  Page("/new", "<Pause length=\"5\"/>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(10));
  EXPECT_EQ(Ask("POST", Concat("/Calls/", sid, ".json"), {{"Url", "http://hooks/new"}}).response.status, 200);
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/leg", "CallStatus"), ElementsAre("completed"));
  EXPECT_THAT(Sent("/dial"), IsEmpty());
  EXPECT_EQ(Sent("/new").size(), 1);
  EXPECT_EQ(Call(sid)["status"], "completed");
}

// --- incoming calls ------------------------------------------------------------------------------------------------

TEST_F(ExchangeTest, IncomingCallAsksWhileItRingsAndTellsOnlyItsEnd) {
  Page("/voice", "<Say>Welcome</Say>");
  http::Request request;
  request.method = "POST";
  request.body = R"({"from":"+15551110001","to":"+15550109999","voice_url":"http://hooks/voice",
                     "status_callback":"http://hooks/status"})";
  const auto answer = control_.Handle("/inbound", request);
  ASSERT_EQ(answer.status, 201);
  const std::string sid = ParseJson(answer.body)["call_sid"];
  Pass(absl::Minutes(1));
  EXPECT_THAT(SentValues("/voice", "CallStatus"), ElementsAre("ringing"));
  EXPECT_THAT(SentValues("/voice", "Direction"), ElementsAre("inbound"));
  EXPECT_THAT(SentValues("/status", "CallStatus"), ElementsAre("completed"));
  EXPECT_EQ(Call(sid)["status"], "completed");
}

TEST_F(ExchangeTest, RejectedIncomingCallIsNeverAnswered) {
  Page("/voice", "<Reject reason=\"busy\"/>");
  http::Request request;
  request.method = "POST";
  request.body = R"({"from":"+15551110001","to":"+15550109999","voice_url":"http://hooks/voice"})";
  const std::string sid = ParseJson(control_.Handle("/inbound", request).body)["call_sid"];
  Pass(absl::Seconds(1));
  EXPECT_EQ(Call(sid)["status"], "busy");
  EXPECT_TRUE(Call(sid)["duration"].is_null());
}

// --- calls per second ----------------------------------------------------------------------------------------------

TEST_F(ExchangeTest, CallsBeyondTheRateAreQueued) {
  world_.settings.calls_per_second = 1;
  const std::string first = Place("+15550100001");
  const std::string second = Place("+15550100002");
  EXPECT_EQ(Call(first)["queue_time"], "0");
  EXPECT_EQ(Call(second)["queue_time"], "1000");
  Pass(absl::Milliseconds(1100));
  EXPECT_THAT(SentValues("/status", "CallSid"), ElementsAre(first, first));
  Pass(absl::Milliseconds(200));
  EXPECT_EQ(SentValues("/status", "CallSid").back(), second);
}

TEST_F(ExchangeTest, CallsBeyondTheRateAreRefusedWhenAskedFor) {
  world_.settings.calls_per_second = 2;
  world_.settings.over_limit = OverLimit::kReject;
  int placed = 0;
  for (int i = 0; i < 10; ++i) placed += Place("+15550100001").empty() ? 0 : 1;
  EXPECT_EQ(placed, 2);
  Pass(absl::Seconds(1));
  EXPECT_NE(Place("+15550100001"), "");
}

TEST_F(ExchangeTest, ScaledTimeShortensTheCallButNotItsDuration) {
  world_.settings.time_scale = 0.01;
  Page("/voice", "<Pause length=\"60\"/>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(1));
  EXPECT_EQ(Call(sid)["duration"], "60");
}

}  // namespace
}  // namespace trunkline::twin::twilio
