#include "tools/provider-twin/twilio/conference.h"

#include <gmock/gmock.h>

#include "tools/provider-twin/twilio/twilio_fixture.h"

namespace trunkline::twin::twilio {
namespace {

using testing::ElementsAre;

class ConferenceTest : public TwilioFixture {
 protected:
  // The noun that brings a call into a room.
  static std::string Room(std::string_view name, std::string_view attributes = "") {
    return Concat(R"(<Dial><Conference statusCallback="http://hooks/conference" )",
                  R"(statusCallbackEvent="start end join leave mute hold" )", attributes, ">", name,
                  "</Conference></Dial>");
  }
  std::string Enter(std::string_view to, std::string_view twiml) {
    Page("/voice", twiml);
    const std::string sid = Place(to);
    Pass(absl::Seconds(4));
    return sid;
  }
  nlohmann::json Conference(std::string_view name) {
    return AskJson("GET", Concat("/Conferences.json?FriendlyName=", name))["conferences"].at(0);
  }
  std::vector<std::string> Told() { return SentValues("/conference", "StatusCallbackEvent"); }
};

TEST_F(ConferenceTest, TwoMeetAndTheLastOneEndsIt) {
  const std::string first = Enter("+15550100001", Room("a"));
  const std::string second = Enter("+15550100002", Room("a", R"(participantLabel="second")"));
  EXPECT_EQ(Conference("a")["status"], "in-progress");
  const std::string path = Concat("/Conferences/", Conference("a")["sid"].get<std::string>(), "/Participants");
  EXPECT_EQ(AskJson("GET", path + ".json")["participants"].size(), 2);
  EXPECT_EQ(AskJson("GET", path + "/second.json")["call_sid"], second);
  Ask("POST", Concat("/Calls/", first, ".json"), {{"Status", "completed"}});
  Ask("POST", Concat("/Calls/", second, ".json"), {{"Status", "completed"}});
  EXPECT_EQ(Conference("a")["status"], "completed");
  Pass(absl::Seconds(1));
  EXPECT_THAT(Told(), ElementsAre("participant-join", "conference-start", "participant-join", "participant-leave",
                                  "participant-leave"));
}

TEST_F(ConferenceTest, HoldIsToldOnce) {
  const std::string sid = Enter("+15550100001", Room("a", R"(participantLabel="me")"));
  const std::string path =
      Concat("/Conferences/", Conference("a")["sid"].get<std::string>(), "/Participants/", sid, ".json");
  EXPECT_EQ(AskJson("POST", path, {{"Hold", "true"}})["hold"], true);
  EXPECT_EQ(AskJson("POST", path, {{"Hold", "true"}})["hold"], true);
  EXPECT_EQ(AskJson("POST", path, {{"Hold", "false"}})["hold"], false);
  Pass(absl::Seconds(1));
  EXPECT_THAT(Told(), ElementsAre("participant-join", "conference-start", "participant-hold", "participant-unhold"));
  EXPECT_THAT(SentValues("/conference", "ParticipantLabel").back(), "me");
}

TEST_F(ConferenceTest, NobodyStartsARoomOfMusic) {
  Enter("+15550100001", Room("a", R"(startConferenceOnEnter="false")"));
  Pass(absl::Minutes(2));
  EXPECT_EQ(Conference("a")["status"], "init");
}

TEST_F(ConferenceTest, WhoIsAloneGoesOnAfterAWhile) {
  const std::string sid = Enter("+15550100001", Room("a"));
  EXPECT_EQ(Call(sid)["status"], "in-progress");
  Pass(absl::Seconds(31));
  EXPECT_EQ(Call(sid)["status"], "completed");
}

TEST_F(ConferenceTest, WhoEndsItOnExitTakesTheOthersAlong) {
  const std::string first = Enter("+15550100001", Room("a", R"(endConferenceOnExit="true")"));
  const std::string second = Enter("+15550100002", Room("a"));
  Page("/elsewhere", "<Pause length=\"100\"/>");
  Ask("POST", Concat("/Calls/", first, ".json"), {{"Url", "http://hooks/elsewhere"}});
  Pass(absl::Seconds(1));
  EXPECT_EQ(Call(first)["status"], "in-progress");
  EXPECT_EQ(Call(second)["status"], "completed");
}

TEST_F(ConferenceTest, ParticipantIsCalledInAndPutOut) {
  Enter("+15550100001", Room("a"));
  const auto called = AskJson("POST", "/Conferences/a/Participants.json",
                              {{"From", std::string(kFrom)}, {"To", "+15550100003"}, {"Label", "agent"}});
  Pass(absl::Seconds(4));
  const std::string participant =
      Concat("/Conferences/", Conference("a")["sid"].get<std::string>(), "/Participants/agent.json");
  EXPECT_EQ(AskJson("GET", participant)["call_sid"], called["call_sid"]);
  EXPECT_EQ(Ask("DELETE", participant).response.status, 204);
  EXPECT_EQ(Ask("GET", participant).response.status, 404);
  EXPECT_EQ(Call(called["call_sid"].get<std::string>())["status"], "completed");
}

TEST_F(ConferenceTest, DialledLegThatIsRedirectedOutlivesItsDial) {
  Page("/voice", "<Dial>+15550100030</Dial><Pause length=\"5\"/>");
  const std::string parent = Place("+15550100001");
  Pass(absl::Seconds(8));
  const auto legs = AskJson("GET", Concat("/Calls.json?ParentCallSid=", parent))["calls"];
  ASSERT_EQ(legs.size(), 1);
  const std::string leg = legs[0]["sid"];
  Page("/elsewhere", "<Pause length=\"100\"/>");
  Ask("POST", Concat("/Calls/", leg, ".json"), {{"Url", "http://hooks/elsewhere"}});
  Pass(absl::Seconds(1));
  EXPECT_EQ(Call(parent)["status"], "in-progress");
  Pass(absl::Seconds(10));
  EXPECT_EQ(Call(parent)["status"], "completed");
  EXPECT_EQ(Call(leg)["status"], "in-progress");
}

}  // namespace
}  // namespace trunkline::twin::twilio
