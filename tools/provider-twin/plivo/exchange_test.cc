#include "tools/provider-twin/plivo/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "tests/support/source_path.h"
#include "tools/provider-twin/plivo/plivo_fixture.h"
#include "tools/provider-twin/plivo/signature.h"

namespace trunkline::twin::plivo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PlivoExchangeTest : public PlivoFixture {};

TEST(PlivoSignatureTest, PublishedVectorsAreMadeAgain) {
  int seen = 0;
  for (const nlohmann::json& vector :
       ParseJson(ReadSourceFile("libs/providers/plivo/testdata/plivo_signatures.json"))) {
    const nlohmann::json& inputs = vector["inputs"];
    if (inputs["scheme"] != "v3" || inputs["method"] != "POST" || !vector["expected"]["valid"].get<bool>()) continue;
    Form form;
    for (const auto& pair : inputs["params"]) form.emplace_back(pair[0], pair[1]);
    EXPECT_EQ(SignV3(inputs["auth_token"].get<std::string>(), "POST", inputs["url"].get<std::string>(), form,
                     inputs["nonce"].get<std::string>()),
              vector["expected"]["signature"].get<std::string>())
        << vector["name"];
    ++seen;
  }
  EXPECT_GT(seen, 15);
  EXPECT_EQ(SignV2("my_auth_token", "https://answer.url?a=b", "12345"), "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc=");
}

TEST_F(PlivoExchangeTest, AnAnsweredCallRingsIsAnsweredAndEnds) {
  Page("/answer", "<Wait length=\"10\"/>");
  const std::string uuid = Place("15550100001");
  Pass(absl::Minutes(1));
  EXPECT_THAT(Sent("/ring", "Event"), ElementsAre("Ring"));
  EXPECT_THAT(Sent("/answer", "CallStatus"), ElementsAre("in-progress"));
  EXPECT_THAT(Sent("/hangup", "Duration"), ElementsAre("10"));
  EXPECT_THAT(Sent("/hangup", "BillDuration"), ElementsAre("60"));
  EXPECT_THAT(Sent("/hangup", "HangupCauseCode"), ElementsAre("4010"));
  EXPECT_THAT(Sent("/hangup", "CallUUID"), ElementsAre(uuid));
  // The account's own time, and UTC beside it.
  EXPECT_THAT(Sent("/hangup", "StartTime")[0], ::testing::StartsWith("2026-03-03 14:30:0"));
  EXPECT_THAT(Sent("/hangup", "SessionStart")[0], ::testing::StartsWith("2026-03-03 09:00:0"));
}

TEST_F(PlivoExchangeTest, EveryStoryEndsAsItShould) {
  for (const auto& [number, status, code] :
       {std::tuple("15550100050", "busy", "3010"), std::tuple("15550100051", "timeout", "6010"),
        std::tuple("15550100052", "failed", "3050"), std::tuple("15550100054", "busy", "3020")}) {
    transport_.requests.clear();
    Place(number);
    Pass(absl::Minutes(5));
    EXPECT_THAT(Sent("/hangup", "CallStatus"), ElementsAre(status)) << number;
    EXPECT_THAT(Sent("/hangup", "HangupCauseCode"), ElementsAre(code)) << number;
    EXPECT_THAT(Sent("/hangup", "AnswerTime"), ElementsAre("(none)")) << number;
    EXPECT_THAT(Sent("/answer", "Event"), IsEmpty()) << number;
  }
}

TEST_F(PlivoExchangeTest, EveryWebhookIsSigned) {
  Place("15550100050");
  Pass(absl::Minutes(1));
  for (const http::ClientRequest& request : transport_.requests) {
    std::map<std::string, std::string> headers(request.headers.begin(), request.headers.end());
    EXPECT_EQ(headers["X-Plivo-Signature-V3"],
              SignV3(kToken, "POST", request.url, ParseForm(request.body), headers["X-Plivo-Signature-V3-Nonce"]));
  }
  EXPECT_EQ(transport_.requests.size(), 2u);
}

TEST_F(PlivoExchangeTest, KeysGoToTheActionThatSaysHowItGoesOn) {
  Page("/answer", "<GetDigits action=\"/menu\" numDigits=\"2\"><Speak>Press</Speak></GetDigits>");
  Page("/menu", "<Hangup/>");
  Place("15550100001");
  Pass(absl::Minutes(1));
  EXPECT_THAT(Sent("/menu", "Digits"), ElementsAre("12"));
  EXPECT_THAT(Sent("/hangup", "HangupSource"), ElementsAre("Answer XML"));
}

TEST_F(PlivoExchangeTest, AnActionThatIsOnlyToldDoesNotSteer) {
  Page("/answer",
       "<Dial action=\"/dial\" redirect=\"false\" callbackUrl=\"/legs\"><Number>15550100005</Number></Dial>"
       "<Speak>Bye</Speak>");
  Place("15550100001");
  Pass(absl::Minutes(2));
  EXPECT_THAT(Sent("/legs", "DialAction"), ElementsAre("answer", "connected", "hangup"));
  EXPECT_THAT(Sent("/dial", "DialStatus"), ElementsAre("completed"));
  EXPECT_THAT(Sent("/hangup", "HangupCauseCode"), ElementsAre("4010"));
}

TEST_F(PlivoExchangeTest, AnInboundCallIsAnsweredByItsInstructions) {
  Page("/answer", "<Speak>Hello</Speak>");
  Receive();
  Pass(absl::Minutes(1));
  EXPECT_THAT(Sent("/answer", "CallStatus"), ElementsAre("ringing"));
  EXPECT_THAT(Sent("/hangup", "CallStatus"), ElementsAre("completed"));
  Page("/answer", "<Hangup reason=\"busy\"/>");
  Receive();
  Pass(absl::Minutes(1));
  EXPECT_EQ(Sent("/hangup", "HangupCauseCode").back(), "3010");
  EXPECT_EQ(Sent("/hangup", "Duration").back(), "0");
}

TEST_F(PlivoExchangeTest, InstructionsThatCannotBeReadLeadToTheFallback) {
  pages_["/answer"] = http::Response{.status = 200, .body = "<oops"};
  Page("/fallback", "<Hangup/>");
  Place("15550100001", {{"fallback_url", "http://hooks/fallback"}});
  Pass(absl::Minutes(1));
  EXPECT_EQ(Sent("/fallback", "Event"), std::vector<std::string>{"StartApp"});
  EXPECT_THAT(Sent("/hangup", "HangupSource"), ElementsAre("Answer XML"));
}

TEST_F(PlivoExchangeTest, CallsBeyondTheRateWaitForTheirTurn) {
  world_.settings.calls_per_second = 2;
  for (int i = 0; i < 4; ++i) Place("15550100001");
  Pass(absl::Milliseconds(300));
  EXPECT_EQ(AskJson("GET", "/Call/?status=queued")["calls"].size(), 3u);
  EXPECT_EQ(AskJson("GET", "/Call/?status=live")["calls"].size(), 1u);
  world_.settings.over_limit = OverLimit::kReject;
  EXPECT_EQ(Place("15550100001"), "");
}

TEST_F(PlivoExchangeTest, ARoomTellsWhoComesAndGoes) {
  Page("/answer", "<Conference callbackUrl=\"/room\">r1</Conference><Speak>Bye</Speak>");
  Place("15550100001");
  Pass(absl::Seconds(10));
  EXPECT_EQ(AskJson("GET", "/Conference/")["conferences"][0], "r1");
  Pass(absl::Minutes(1));
  EXPECT_THAT(Sent("/room", "ConferenceAction"), ElementsAre("enter", "exit"));
  EXPECT_EQ(AskJson("GET", "/Conference/")["conferences"].size(), 0u);
}

TEST_F(PlivoExchangeTest, RecordingsInTheBackgroundStartWithTheirAction) {
  Page("/answer", "<Record recordSession=\"true\" action=\"/start\" callbackUrl=\"/file\"/><Wait length=\"10\"/>");
  Place("15550100001");
  Pass(absl::Minutes(1));
  EXPECT_THAT(Sent("/start", "RecordingDuration"), ElementsAre("-1"));
  EXPECT_THAT(Sent("/file", "RecordingDurationMs"), ElementsAre("10000"));
}

}  // namespace
}  // namespace trunkline::twin::plivo
