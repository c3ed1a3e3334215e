#include "tools/provider-twin/twilio/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "tools/provider-twin/twilio/signature.h"
#include "tools/provider-twin/twilio/twilio_fixture.h"

namespace trunkline::twin::twilio {
namespace {

class ControlTest : public TwilioFixture {
 protected:
  http::Response Get(std::string_view path, std::string_view query = "") {
    http::Request request;
    request.method = "GET";
    request.target = Concat("/twin/twilio", path, query.empty() ? "" : "?", query);
    return control_.Handle(path, request);
  }
  nlohmann::json GetJson(std::string_view path, std::string_view query = "") {
    return ParseJson(Get(path, query).body);
  }
  http::Response Post(std::string_view path, std::string_view body) {
    http::Request request;
    request.method = "POST";
    request.body = body;
    return control_.Handle(path, request);
  }
};

TEST_F(ControlTest, RequestsTellWhatWasAskedAndWhatItPlaced) {
  const std::string sid = Place("+15550100051");
  Place("+15550100060");
  const auto requests = GetJson("/requests", "to=%2B15550100051")["requests"];
  ASSERT_EQ(requests.size(), 1);
  EXPECT_EQ(requests[0]["call_sid"], sid);
  EXPECT_EQ(requests[0]["status"], 201);
  EXPECT_EQ(requests[0]["params"]["StatusCallbackEvent"].size(), 4);
  EXPECT_EQ(GetJson("/requests")["requests"].size(), 2);
  EXPECT_EQ(GetJson("/requests", "limit=1")["requests"][0]["params"]["To"], "+15550100060");
  EXPECT_EQ(GetJson("/requests", "since=2026-03-03T09:00:01Z")["requests"].size(), 0);
}

TEST_F(ControlTest, CallsTellTheirEnds) {
  Place("+15550100050");
  Pass(absl::Seconds(10));
  const auto calls = GetJson("/calls", "to=%2B15550100050")["calls"];
  ASSERT_EQ(calls.size(), 1);
  EXPECT_EQ(calls[0]["status"], "busy");
  EXPECT_EQ(calls[0]["ended"], true);
  EXPECT_EQ(GetJson("/stats")["live_calls"], 0);
}

TEST_F(ControlTest, WebhooksTellTheirAnswers) {
  world_.settings.webhook_loss = 0;
  const std::string sid = Place("+15550100050");
  Pass(absl::Seconds(10));
  const auto webhooks = GetJson("/webhooks", Concat("call_sid=", sid))["webhooks"];
  ASSERT_EQ(webhooks.size(), 3);
  EXPECT_EQ(webhooks[2]["params"]["CallStatus"], "busy");
  EXPECT_EQ(webhooks[2]["status"], 204);
  EXPECT_EQ(webhooks[2]["attempts"], 1);
  EXPECT_EQ(webhooks[2]["dropped"], false);
}

TEST_F(ControlTest, AnyWebhookCanBeSentSigned) {
  EXPECT_EQ(
      Post("/webhook", R"({"url":"http://hooks/any?x=1","params":{"CallSid":"CA1","b":["2","1"],"e":""}})").status,
      202);
  Pass(absl::ZeroDuration());
  ASSERT_EQ(transport_.requests.size(), 1);
  const http::ClientRequest& request = transport_.requests[0];
  EXPECT_EQ(ParseForm(request.body).size(), 4);
  EXPECT_EQ(http::FindHeader(request.headers, "x-twilio-signature"),
            Sign(kToken, request.url, ParseForm(request.body)));
}

TEST_F(ControlTest, AccountsCanBeAdded) {
  EXPECT_EQ(Post("/accounts", R"({"sid":"ACb","auth_token":"t","numbers":["+15550107777"]})").status, 204);
  ASSERT_NE(accounts_.Find("ACb"), nullptr);
  EXPECT_EQ(accounts_.Find("ACb")->numbers.size(), 1);
  EXPECT_EQ(Post("/accounts", R"({"sid":"ACb"})").status, 400);
}

TEST_F(ControlTest, CalleeCanBeMadeToHangUp) {
  Page("/voice", "<Pause length=\"60\"/>");
  const std::string sid = Place("+15550100001");
  Pass(absl::Seconds(5));
  EXPECT_EQ(Post(Concat("/calls/", sid, "/hangup"), "").status, 204);
  EXPECT_EQ(Call(sid)["status"], "completed");
  EXPECT_EQ(Post("/calls/CAnone/hangup", "").status, 404);
}

TEST_F(ControlTest, WhatIsWrongIsRefused) {
  EXPECT_EQ(Post("/inbound", "x").status, 400);
  EXPECT_EQ(Post("/inbound", R"({"from":"+15551110001","to":"+15550109999"})").status, 400);
  EXPECT_EQ(Post("/inbound", R"({"voice_url":"http://hooks/","account":"ACnone"})").status, 400);
  EXPECT_EQ(Post("/webhook", R"({"url":"nowhere"})").status, 400);
  EXPECT_EQ(Get("/nothing").status, 404);
}

}  // namespace
}  // namespace trunkline::twin::twilio
