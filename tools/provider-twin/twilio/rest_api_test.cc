#include "tools/provider-twin/twilio/rest_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "libs/base/json.h"
#include "tools/provider-twin/twilio/twilio_fixture.h"

namespace trunkline::twin::twilio {
namespace {

class RestApiTest : public TwilioFixture {
 protected:
  Form Valid() { return {{"To", "+15550100001"}, {"From", std::string(kFrom)}, {"Url", "http://hooks/voice"}}; }

  void ExpectError(const RestAnswer& answer, int status, int code) {
    EXPECT_EQ(answer.response.status, status) << answer.response.body;
    const auto body = ParseJson(answer.response.body);
    EXPECT_EQ(body["code"], code);
    EXPECT_EQ(body["status"], status);
    EXPECT_EQ(body["more_info"], Concat("https://www.twilio.com/docs/errors/", code));
    EXPECT_TRUE(body["message"].is_string());
  }
  void ExpectRefused(Form changes, int code) {
    Form form;
    for (const auto& [name, value] : Valid()) {
      if (!FindInForm(changes, name)) form.emplace_back(name, value);
    }
    form.insert(form.end(), changes.begin(), changes.end());
    ExpectError(Ask("POST", "/Calls.json", form), 400, code);
    EXPECT_EQ(store_.added(), 0);
  }
};

TEST_F(RestApiTest, WrongCredentialsAreRefused) {
  ExpectError(Ask("GET", "/Calls.json", {}, "wrong"), 401, 20003);
  ExpectError(Ask("GET", "/2010-04-01/Accounts/ACother/Calls.json"), 401, 20003);
}

TEST_F(RestApiTest, ApiKeysWorkToo) {
  Account account = *accounts_.Default();
  account.api_keys["SK1"] = "secret";
  accounts_.Put(account);
  http::Request request;
  request.method = "GET";
  request.target = Concat("/2010-04-01/Accounts/", kAccount, "/Calls.json");
  request.headers = {{"authorization", "Basic " + Base64Encode("SK1:secret")}};
  EXPECT_EQ(rest_api_.Handle(request).response.status, 200);
}

TEST_F(RestApiTest, AccountCanBeFetched) {
  const auto account = AskJson("GET", ".json");
  EXPECT_EQ(account["sid"], kAccount);
  EXPECT_EQ(account["status"], "active");
}

TEST_F(RestApiTest, UnknownResourcesAndMethodsAreRefused) {
  ExpectError(Ask("GET", "/Calls/CA00000000000000000000000000000000.json"), 404, 20404);
  ExpectError(Ask("GET", "/Nothing.json"), 404, 20404);
  ExpectError(Ask("PUT", "/Calls.json"), 405, 20004);
}

TEST_F(RestApiTest, CreatedCallIsTheCallObject) {
  const RestAnswer answer = Ask("POST", "/Calls.json", Valid());
  EXPECT_EQ(answer.response.status, 201);
  const auto call = ParseJson(answer.response.body);
  EXPECT_EQ(call["sid"], answer.call_sid);
  EXPECT_EQ(call["status"], "queued");
  EXPECT_EQ(call["direction"], "outbound-api");
  EXPECT_EQ(call["to_formatted"], "(555) 010-0001");
  EXPECT_EQ(call["date_created"], "Tue, 03 Mar 2026 09:00:00 +0000");
  for (const auto* field : {"start_time", "end_time", "duration", "price", "answered_by", "parent_call_sid"}) {
    EXPECT_TRUE(call.contains(field) && call[field].is_null()) << field;
  }
}

TEST_F(RestApiTest, WrongParametersHaveTheirCodes) {
  ExpectRefused({{"To", ""}}, 21201);
  ExpectRefused({{"To", "12"}}, 21211);
  ExpectRefused({{"To", "+15550100056"}}, 21211);
  ExpectRefused({{"From", ""}}, 21213);
  ExpectRefused({{"From", "x"}}, 21212);
  ExpectRefused({{"From", "client:a"}}, 21212);
  ExpectRefused({{"Url", ""}}, 21205);
  ExpectRefused({{"Url", "hooks/voice"}}, 21205);
  ExpectRefused({{"Timeout", "601"}}, 21208);
  ExpectRefused({{"Method", "PUT"}}, 21209);
  ExpectRefused({{"SendDigits", "x"}}, 21206);
  ExpectRefused({{"StatusCallbackEvent", "nothing"}}, 21626);
}

TEST_F(RestApiTest, CallsMayComeOnlyFromTheAccountsNumbers) {
  Account account = *accounts_.Default();
  account.numbers = {"+15550107777"};
  accounts_.Put(account);
  ExpectRefused({}, 21210);
  EXPECT_EQ(Ask("POST", "/Calls.json", {{"To", "+15550100001"}, {"From", "+15550107777"}, {"Twiml", "<Response/>"}})
                .response.status,
            201);
}

TEST_F(RestApiTest, NumbersChooseHowThePlacingIsAnswered) {
  const auto place = [this](std::string_view to) {
    Form form = Valid();
    form[0].second = to;
    return Ask("POST", "/Calls.json", form);
  };
  const RestAnswer error_but_placed = place("+15550100057");
  ExpectError(error_but_placed, 500, 20500);
  EXPECT_NE(error_but_placed.call_sid, "");
  const RestAnswer lost = place("+15550100058");
  EXPECT_TRUE(lost.lost);
  EXPECT_NE(lost.call_sid, "");
  const RestAnswer slow = place("+15550100059");
  EXPECT_EQ(slow.delay, absl::Seconds(30));
  EXPECT_EQ(slow.response.status, 201);
  EXPECT_EQ(store_.added(), 3);
  ExpectError(place("+15550100060"), 500, 20500);
  ExpectError(place("+15550100061"), 429, 20429);
  EXPECT_EQ(store_.added(), 3);
}

TEST_F(RestApiTest, RingingCallIsCanceledAndEndedCallsCannotBeChanged) {
  const std::string sid = Place("+15550100051");
  Pass(absl::Seconds(2));
  const std::string path = Concat("/Calls/", sid, ".json");
  ExpectError(Ask("POST", path, {{"Url", "http://hooks/new"}}), 400, 21220);
  ExpectError(Ask("DELETE", path), 409, 20009);
  EXPECT_EQ(AskJson("POST", path, {{"Status", "canceled"}})["status"], "canceled");
  EXPECT_EQ(SentValues("/status", "CallStatus").back(), "canceled");
  ExpectError(Ask("POST", path, {{"Status", "completed"}}), 400, 21220);
  EXPECT_EQ(Ask("DELETE", path).response.status, 204);
  ExpectError(Ask("GET", path), 404, 20404);
}

TEST_F(RestApiTest, CancelDoesNotTouchAConnectedCall) {
  Page("/voice", "<Pause length=\"60\"/>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(5));
  EXPECT_EQ(AskJson("POST", Concat("/Calls/", sid, ".json"), {{"Status", "canceled"}})["status"], "in-progress");
  EXPECT_EQ(AskJson("POST", Concat("/Calls/", sid, ".json"), {{"Status", "completed"}})["status"], "completed");
}

TEST_F(RestApiTest, PriceComesSomeTimeAfterTheEnd) {
  Page("/voice", "<Pause length=\"61\"/>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(64));
  EXPECT_EQ(Call(sid)["status"], "completed");
  EXPECT_TRUE(Call(sid)["price"].is_null());
  Pass(absl::Seconds(10));
  EXPECT_EQ(Call(sid)["price"], "-0.02800");
}

TEST_F(RestApiTest, PagesHaveEveryCallOnceNewestFirst) {
  std::vector<std::string> placed;
  for (int i = 0; i < 7; ++i) placed.insert(placed.begin(), Place("+15550100051"));
  Place("+15550100050");
  std::vector<std::string> listed;
  std::string uri = Concat("/2010-04-01/Accounts/", kAccount, "/Calls.json?PageSize=3&To=%2B15550100051");
  int pages = 0;
  while (!uri.empty()) {
    const auto page = AskJson("GET", uri);
    for (const auto& call : page["calls"]) listed.push_back(call["sid"]);
    EXPECT_EQ(page["page"], pages++);
    uri = page["next_page_uri"].is_null() ? "" : page["next_page_uri"].get<std::string>();
    // What comes meanwhile does not shift the pages.
    Place("+15550100051");
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(listed, placed);
}

TEST_F(RestApiTest, ListIsFiltered) {
  Place("+15550100051");
  Pass(absl::Seconds(5));
  Place("+15550100050");
  Place("+15550100001", {{"Timeout", "20"}});
  const auto count = [this](std::string_view query) {
    return AskJson("GET", Concat("/2010-04-01/Accounts/", kAccount, "/Calls.json?", query))["calls"].size();
  };
  EXPECT_EQ(count(""), 3);
  EXPECT_EQ(count("To=%2B15550100050"), 1);
  EXPECT_EQ(count("From=%2B15550109999"), 3);
  EXPECT_EQ(count("From=%2B1"), 0);
  EXPECT_EQ(count("Status=queued"), 2);
  EXPECT_EQ(count("Status=ringing"), 1);
  EXPECT_EQ(count("StartTime%3E=2026-03-03"), 1) << "queued calls have no start time";
  EXPECT_EQ(count("StartTime%3E=2026-03-04"), 0);
  EXPECT_EQ(count("StartTime%3C=2026-03-03T09:00:00Z"), 1);
  EXPECT_EQ(count("StartTime%3C=2026-03-02"), 0);
  EXPECT_EQ(count("StartTime=2026-03-03"), 1);
  EXPECT_EQ(Ask("GET", "/Calls.json?StartTime=yesterday").response.status, 400);
}

TEST_F(RestApiTest, RecordingsAreListedFetchedPlayedAndDeleted) {
  Page("/voice", "<Pause length=\"10\"/>");
  const std::string sid = Place("+15550100001");
  ExpectError(Ask("POST", Concat("/Calls/", sid, "/Recordings.json")), 400, 21220);
  Pass(absl::Seconds(5));
  const RestAnswer started =
      Ask("POST", Concat("/Calls/", sid, "/Recordings.json"), {{"RecordingStatusCallback", "http://hooks/rec"}});
  EXPECT_EQ(started.response.status, 201);
  const std::string recording = ParseJson(started.response.body)["sid"];
  const std::string path = Concat("/Recordings/", recording, ".json");
  ExpectError(Ask("DELETE", path), 409, 20009);
  EXPECT_EQ(
      AskJson("POST", Concat("/Calls/", sid, "/Recordings/Twilio.CURRENT.json"), {{"Status", "paused"}})["status"],
      "paused");
  Pass(absl::Minutes(1));
  EXPECT_EQ(AskJson("GET", path)["status"], "completed");
  EXPECT_EQ(Sent("/rec").size(), 1);
  EXPECT_EQ(AskJson("GET", "/Recordings.json")["recordings"].size(), 1);
  EXPECT_EQ(AskJson("GET", Concat("/Recordings.json?CallSid=", sid))["recordings"].size(), 1);
  EXPECT_EQ(AskJson("GET", "/Recordings.json?CallSid=CAother")["recordings"].size(), 0);
  EXPECT_TRUE(Ask("GET", Concat("/Recordings/", recording, ".wav")).response.body.starts_with("RIFF"));
  EXPECT_EQ(Ask("DELETE", path).response.status, 204);
  ExpectError(Ask("GET", path), 404, 20404);
}

}  // namespace
}  // namespace trunkline::twin::twilio
