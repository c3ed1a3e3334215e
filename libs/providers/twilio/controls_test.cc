// What is asked of Twilio to control a call, request by request.
#include "libs/providers/twilio/controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/test_webhooks.h"
#include "tests/support/fake_api.h"

namespace trunkline::providers::twilio {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kNone[] = R"({"conferences":[],"calls":[]})";
constexpr char kOneLeg[] = R"({"calls":[{"sid":"CA2"}]})";

class ControlsTest : public testing::Test {
 protected:
  ControlsTest() { account_.settings["api_url"] = api_.Url(); }

  // A list with one conference of that name.
  static std::string Room(std::string_view name) {
    return Concat(R"({"conferences":[{"sid":"CFold","status":"completed","friendly_name":")", name,
                  R"("},{"sid":"CF1","status":"in-progress","friendly_name":")", name, R"("}]})");
  }
  // "POST /Conferences/CF1/Participants/CA1.json", without what all paths begin with, and without the query.
  std::vector<std::string> Asked() const {
    std::vector<std::string> asked;
    for (const http::Request& request : api_.requests()) {
      const std::string_view path = request.Path();
      asked.push_back(Concat(request.method, " ", path.substr(path.find("/Accounts/") + 10 + 34)));
    }
    return asked;
  }
  std::string Sent(size_t index, std::string_view name) const {
    return std::string(FindInForm(ParseForm(api_.requests().at(index).body), name).value_or(""));
  }

  testing_support::FakeApi api_;
  Account account_ = TestAccount();
  RestApi rest_api_{{.public_url = kTestBase, .api_timeout = absl::Seconds(5)}};
  Controls controls_{{.public_url = kTestBase, .api_timeout = absl::Seconds(5)}, rest_api_};
  const LiveCall call_{.call_id = kTestCall,
                       .external_call_id = "CA1",
                       .from = "+15550100003",
                       .to = "+15550100002",
                       .direction = calls::v1::CALL_DIRECTION_OUTBOUND};
};

TEST_F(ControlsTest, HoldBringsBothSidesIntoTheHoldRoom) {
  api_.Answer(200, kNone);
  api_.Answer(200, kNone);
  api_.Answer(200, kOneLeg);
  api_.Answer(200, "{}");
  api_.Answer(200, "{}");
  const auto held = controls_.Hold(account_, call_, "https://x/m.mp3");
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_TRUE(held->provider_tells);
  EXPECT_THAT(Asked(), ElementsAre("GET /Conferences.json", "GET /Conferences.json", "GET /Calls.json",
                                   "POST /Calls/CA2.json", "POST /Calls/CA1.json"));
  const std::string room = Concat("trunkline-hold-", kTestCall, "</Conference>");
  // The other side has no label of the call's, and does not end the hold by leaving.
  EXPECT_THAT(Sent(3, "Twiml"), AllOf(HasSubstr(room), HasSubstr(R"(endConferenceOnExit="false")"),
                                      Not(HasSubstr("participantLabel")), HasSubstr(R"(beep="false")")));
  EXPECT_THAT(Sent(4, "Twiml"), AllOf(HasSubstr(room), HasSubstr(R"(endConferenceOnExit="true")"),
                                      HasSubstr("participantLabel"), HasSubstr("https://x/m.mp3")));
}

TEST_F(ControlsTest, HeldCallIsHeldAlready) {
  api_.Answer(200, Room(HoldRoomOf(kTestCall)));
  EXPECT_TRUE(controls_.Hold(account_, call_, "").ok());
  EXPECT_THAT(Asked(), ElementsAre("GET /Conferences.json"));
}

TEST_F(ControlsTest, InTheCallRoomTheParticipantIsHeld) {
  api_.Answer(200, kNone);
  api_.Answer(200, Room(CallRoomOf(kTestCall)));
  api_.Answer(200, "{}");
  EXPECT_TRUE(controls_.Hold(account_, call_, "https://x/m.mp3").ok());
  EXPECT_EQ(Asked().back(), "POST /Conferences/CF1/Participants/CA1.json");
  EXPECT_EQ(Sent(2, "Hold"), "true");
  EXPECT_EQ(Sent(2, "HoldUrl"), "https://x/m.mp3");
}

TEST_F(ControlsTest, ResumeWithoutAnotherSideAsksForThePlan) {
  api_.Answer(200, kNone);
  api_.Answer(200, Room(HoldRoomOf(kTestCall)));
  api_.Answer(200, kNone);
  api_.Answer(200, kNone);
  api_.Answer(200, "{}");
  EXPECT_TRUE(controls_.Resume(account_, call_).ok());
  EXPECT_THAT(Sent(4, "Twiml"), AllOf(HasSubstr("<Redirect"), HasSubstr("/telephony/webhook/twilio/voice")));
}

TEST_F(ControlsTest, ResumeOfWhatIsNotHeldChangesNothing) {
  api_.Answer(200, kNone);
  api_.Answer(200, kNone);
  EXPECT_TRUE(controls_.Resume(account_, call_).ok());
  EXPECT_THAT(Asked(), ElementsAre("GET /Conferences.json", "GET /Conferences.json"));
}

TEST_F(ControlsTest, BlindTransferDialsTheTarget) {
  api_.Answer(200, "{}");
  const auto done =
      controls_.Transfer(account_, call_, {.target = "sip:desk@example.com", .caller_id = "+15550100009"});
  ASSERT_TRUE(done.ok());
  EXPECT_FALSE(done->provider_tells);
  EXPECT_THAT(Sent(0, "Twiml"), AllOf(HasSubstr("<Sip"), HasSubstr(R"(callerId="+15550100009")"),
                                      HasSubstr(R"(timeout="30")"), HasSubstr("sip:desk@example.com")));
}

TEST_F(ControlsTest, AttendedTransferNeedsSomebodyToTalkToTheTarget) {
  api_.Answer(200, kNone);
  EXPECT_EQ(controls_.Transfer(account_, call_, {.target = "+15550100005", .attended = true}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(ControlsTest, AttendedTransferCallsTheTargetIntoTheRoom) {
  api_.Answer(200, kOneLeg);
  api_.Answer(200, kNone);
  for (int i = 0; i < 3; ++i) api_.Answer(200, "{}");
  const TransferRequest request{.target = "+15550100005", .ring_timeout = absl::Seconds(20), .attended = true};
  ASSERT_TRUE(controls_.Transfer(account_, call_, request).ok());
  EXPECT_THAT(Asked(),
              ElementsAre("GET /Calls.json", "GET /Conferences.json", "POST /Calls/CA2.json", "POST /Calls/CA1.json",
                          Concat("POST /Conferences/trunkline-call-", kTestCall, "/Participants.json")));
  EXPECT_EQ(Sent(4, "To"), "+15550100005");
  EXPECT_EQ(Sent(4, "From"), "+15550100003");
  EXPECT_EQ(Sent(4, "Timeout"), "20");
  EXPECT_EQ(Sent(4, "EndConferenceOnExit"), "false");
}

TEST_F(ControlsTest, CompletedTransferLetsTheOtherSideGo) {
  api_.Answer(200, Room(CallRoomOf(kTestCall)));
  api_.Answer(200, "{}");                         // the target is there
  api_.Answer(200, "{}");                         // and ends the room from now on
  api_.Answer(200, kOneLeg);                      // the other side
  api_.Answer(200, "{}");                         // ends it no more
  api_.Answer(200, Room(CallRoomOf(kTestCall)));  // the customer comes back
  api_.Answer(200, "{}");
  api_.Answer(200, "{}");
  api_.Answer(http::Response{.status = 204});  // the other side is put out
  const auto done = controls_.CompleteTransfer(account_, call_);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(Sent(2, "EndConferenceOnExit"), "true");
  EXPECT_EQ(Sent(4, "EndConferenceOnExit"), "false");
  EXPECT_EQ(Sent(7, "Hold"), "false");
  EXPECT_EQ(Asked().back(), "DELETE /Conferences/CF1/Participants/CA2.json");
}

TEST_F(ControlsTest, CanceledTransferSendsTheTargetAway) {
  api_.Answer(200, Room(CallRoomOf(kTestCall)));
  api_.Answer(404, R"({"code":20404,"status":404})");  // it never answered
  api_.Answer(200, Room(CallRoomOf(kTestCall)));
  api_.Answer(404, R"({"code":20404,"status":404})");  // the customer waits in the hold room
  api_.Answer(200, "{}");
  ASSERT_TRUE(controls_.CancelTransfer(account_, call_).ok());
  EXPECT_THAT(Sent(4, "Twiml"), HasSubstr("trunkline-call-"));
}

TEST_F(ControlsTest, SoundsArePlayedInFrontOfWhatFollows) {
  api_.Answer(200, kNone);
  api_.Answer(200, kNone);
  api_.Answer(200, "{}");
  ASSERT_TRUE(controls_.Play(account_, call_, {.text = "Hello <there>", .language = "en-GB"}).ok());
  EXPECT_THAT(Sent(2, "Twiml"), AllOf(HasSubstr(R"(<Say language="en-GB">Hello &lt;there&gt;</Say><Redirect)")));
}

TEST_F(ControlsTest, WhatTwilioCannotPlayIsRefused) {
  EXPECT_FALSE(controls_.SendDigits(account_, call_, "A1").ok());
  EXPECT_FALSE(controls_.SendDigits(account_, call_, "").ok());
  EXPECT_FALSE(controls_.Play(account_, call_, {}).ok());
  EXPECT_THAT(api_.requests(), testing::IsEmpty());
}

TEST_F(ControlsTest, CallThatIsNotInProgressIsTheWrongState) {
  api_.Answer(400, R"({"code":21220,"message":"Call is not in-progress.","status":400})");
  const absl::Status status = controls_.JoinConference(account_, call_, {.name = "room"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CallErrorOf(status)->provider_code(), "21220");
}

}  // namespace
}  // namespace trunkline::providers::twilio
