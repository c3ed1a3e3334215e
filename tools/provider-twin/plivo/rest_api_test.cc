#include "tools/provider-twin/plivo/rest_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/provider-twin/plivo/plivo_fixture.h"

namespace trunkline::twin::plivo {
namespace {

using ::testing::ElementsAre;

class PlivoRestApiTest : public PlivoFixture {};

TEST_F(PlivoRestApiTest, OnlyTheAccountItselfIsServed) {
  EXPECT_EQ(Ask("GET", "/Call/", {}, "wrong").status, 401);
  EXPECT_EQ(Ask("GET", "/Call").status, 404);
  EXPECT_EQ(Ask("GET", "/Call/").status, 200);
}

TEST_F(PlivoRestApiTest, WrongParametersAreRefused) {
  EXPECT_EQ(Ask("POST", "/Call/", {{"to", "15550100001"}}).status, 400);
  EXPECT_EQ(Ask("POST", "/Call/", {{"from", "15550109999"}, {"to", "x"}, {"answer_url", "http://hooks/"}}).status, 400);
  EXPECT_EQ(Ask("POST", "/Call/", {{"from", "15550109999"}, {"to", "15550100001"}, {"answer_url", "no"}}).status, 400);
}

TEST_F(PlivoRestApiTest, StoriesOfTheReply) {
  const auto status = [this](const char* to) {
    return Ask("POST", "/Call/", {{"from", "15550109999"}, {"to", to}, {"answer_url", "http://hooks/a"}}).status;
  };
  EXPECT_EQ(status("15550100001"), 201);
  EXPECT_EQ(status("15550100056"), 400);
  EXPECT_EQ(status("15550100057"), 500);
  EXPECT_EQ(status("15550100060"), 500);
  EXPECT_EQ(status("15550100061"), 429);
  EXPECT_EQ(store_.calls().size(), 2u);
}

TEST_F(PlivoRestApiTest, ABulkHasAnIdForEachNumberInOrder) {
  const nlohmann::json answer = AskJson(
      "POST", "/Call/", {{"from", "15550109999"}, {"to", "15550100002<15550100001"}, {"answer_url", "http://hooks/a"}});
  ASSERT_EQ(answer["request_uuid"].size(), 2u);
  EXPECT_EQ(store_.Find(kAccount, answer["request_uuid"][0].get<std::string>())->to, "+15550100002");
}

TEST_F(PlivoRestApiTest, AllCallsCannotBeEndedAtOnce) { EXPECT_EQ(Ask("DELETE", "/Call/").status, 405); }

TEST_F(PlivoRestApiTest, ACallIsQueuedThenLiveThenARecord) {
  Page("/answer", "<Wait length=\"5\"/>");
  const std::string uuid = Place("15550100001");
  const std::string path = Concat("/Call/", uuid, "/");
  EXPECT_EQ(AskJson("GET", Concat(path, "?status=queued"))["call_status"], "queued");
  EXPECT_EQ(Ask("GET", path).status, 404);
  Pass(absl::Seconds(1));
  EXPECT_EQ(AskJson("GET", Concat(path, "?status=live"))["call_status"], "ringing");
  Pass(absl::Minutes(1));
  EXPECT_EQ(Ask("GET", Concat(path, "?status=live")).status, 404);
  const nlohmann::json record = AskJson("GET", path);
  EXPECT_EQ(record["call_duration"], 5);
  EXPECT_EQ(record["total_amount"], "0.00850");
  EXPECT_EQ(record["hangup_cause_code"], 4010);
}

TEST_F(PlivoRestApiTest, ListsComeInPagesOfTwenty) {
  for (int i = 0; i < 45; ++i) Place("15550100052");
  Pass(absl::Minutes(1));
  const nlohmann::json first = AskJson("GET", "/Call/?limit=100");
  EXPECT_EQ(first["objects"].size(), 20u);
  EXPECT_EQ(first["meta"]["total_count"], 45);
  EXPECT_FALSE(first["meta"]["next"].is_null());
  const nlohmann::json last = AskJson("GET", "/Call/?offset=40");
  EXPECT_EQ(last["objects"].size(), 5u);
  EXPECT_TRUE(last["meta"]["next"].is_null());
  EXPECT_EQ(AskJson("GET", "/Call/?to_number=15550100051")["objects"].size(), 0u);
  EXPECT_EQ(AskJson("GET", "/Call/?end_time__gte=2027-01-01%2000:00:00")["objects"].size(), 0u);
}

TEST_F(PlivoRestApiTest, ALiveCallIsTransferredPlayedToAndEnded) {
  Page("/answer", "<Wait length=\"60\"/>");
  Page("/other", "<Wait length=\"60\"/>");
  const std::string uuid = Place("15550100001");
  const std::string path = Concat("/Call/", uuid, "/");
  EXPECT_EQ(Ask("POST", Concat(path, "Play/"), {{"urls", "http://x/a.mp3"}}).status, 404);
  Pass(absl::Seconds(5));
  EXPECT_EQ(Ask("POST", Concat(path, "Play/"), {{"urls", "http://x/a.mp3"}}).status, 202);
  EXPECT_EQ(Ask("DELETE", Concat(path, "Play/")).status, 204);
  EXPECT_EQ(Ask("POST", Concat(path, "DTMF/"), {{"digits", "12"}}).status, 202);
  EXPECT_EQ(Ask("POST", path, {{"aleg_url", "http://hooks/other"}}).status, 202);
  Pass(absl::Seconds(1));
  EXPECT_THAT(Sent("/other", "Event"), ElementsAre("Redirect"));
  EXPECT_EQ(Ask("DELETE", path).status, 204);
  EXPECT_EQ(Ask("DELETE", path).status, 404);
  EXPECT_THAT(Sent("/hangup", "HangupSource"), ElementsAre("API Request"));
}

TEST_F(PlivoRestApiTest, ACallThatWaitsIsCanceledByItsRequest) {
  world_.settings.calls_per_second = 0.1;
  Place("15550100001");
  const std::string uuid = Place("15550100001");
  EXPECT_EQ(Ask("DELETE", Concat("/Call/", uuid, "/")).status, 404);
  EXPECT_EQ(Ask("DELETE", Concat("/Request/", uuid, "/")).status, 204);
  EXPECT_THAT(Sent("/hangup", "CallStatus"), ElementsAre("cancel"));
}

TEST_F(PlivoRestApiTest, RecordingsStopByThemselvesAfterAMinute) {
  Page("/answer", "<Wait length=\"200\"/>");
  const std::string uuid = Place("15550100001");
  Pass(absl::Seconds(5));
  const nlohmann::json started =
      AskJson("POST", Concat("/Call/", uuid, "/Record/"), {{"callback_url", "http://hooks/file"}});
  const std::string path = Concat("/Recording/", started["recording_id"].get<std::string>());
  EXPECT_EQ(Ask("GET", Concat(path, "/")).status, 404);
  Pass(absl::Seconds(90));
  EXPECT_THAT(Sent("/file", "RecordingDuration"), ElementsAre("60"));
  EXPECT_EQ(AskJson("GET", Concat(path, "/"))["recording_duration_ms"], "60000.00000");
  EXPECT_EQ(AskJson("GET", Concat("/Recording/?call_uuid=", uuid))["objects"].size(), 1u);
  EXPECT_EQ(Ask("GET", Concat(path, ".mp3")).status, 200);
  EXPECT_EQ(Ask("DELETE", Concat(path, "/")).status, 204);
  EXPECT_EQ(Ask("GET", Concat(path, "/")).status, 404);
}

TEST_F(PlivoRestApiTest, ParticipantsAreHeldAndMeet) {
  Page("/answer", "<Wait length=\"200\"/>");
  const std::string uuid = Place("15550100001");
  Pass(absl::Seconds(5));
  EXPECT_EQ(Ask("POST", "/MultiPartyCall/name_r/Participant/", {{"role", "customer"}, {"call_uuid", uuid}}).status,
            202);
  const nlohmann::json rooms = AskJson("GET", "/MultiPartyCall/?status=active");
  const std::string room = Concat("/MultiPartyCall/uuid_", rooms["objects"][0]["mpc_uuid"].get<std::string>(), "/");
  const nlohmann::json members = AskJson("GET", Concat(room, "Participant/?call_uuid=", uuid));
  const std::string member = members["objects"][0]["member_id"];
  EXPECT_EQ(Ask("POST", Concat(room, "Participant/", member, "/"), {{"hold", true}}).status, 202);
  EXPECT_EQ(AskJson("GET", Concat(room, "Participant/", member, "/"))["hold"], true);
  EXPECT_EQ(Ask("POST", "/MultiPartyCall/name_r/Participant/",
                {{"role", "agent"}, {"from", "15550109999"}, {"to", "15550100005"}, {"end_mpc_on_exit", true}})
                .status,
            202);
  Pass(absl::Minutes(2));
  EXPECT_THAT(Sent("/hangup", "HangupCauseCode"), ElementsAre("4020"));
}

}  // namespace
}  // namespace trunkline::twin::plivo
