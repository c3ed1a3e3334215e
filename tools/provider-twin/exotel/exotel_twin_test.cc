// A whole simulated Exotel on a clock that the test moves, with a customer that the test plays.
#include "tools/provider-twin/exotel/exotel_twin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/exotel/wire_format.h"
#include "tools/provider-twin/fake_transport.h"
#include "tools/provider-twin/manual_scheduler.h"

namespace trunkline::twin::exotel {
namespace {

using testing::ElementsAre;

class ExotelTwinTest : public testing::Test {
 protected:
  ExotelTwinTest() {
    world_.public_url = "http://twin";
    accounts_.Put({"acme1", "key", "token"});
  }

  RestReply Ask(std::string method, std::string_view path, std::string body = "",
                std::string_view type = "application/x-www-form-urlencoded", std::string_view token = "token") {
    http::Request request;
    request.method = std::move(method);
    request.target = path;
    request.headers = {{"authorization", Concat("Basic ", Base64Encode(Concat("key:", token)))},
                       {"content-type", std::string(type)}};
    request.body = std::move(body);
    return rest_api_.Handle(request);
  }

  RestReply Place(std::string_view to, const Form& more = {}) {
    Form form = {{"From", "+919123456700"},
                 {"To", std::string(to)},
                 {"CallerId", "08047190000"},
                 {"CustomField", "mine"},
                 {"StatusCallback", "http://hooks/status"},
                 {"StatusCallbackEvents[0]", "terminal"},
                 {"StatusCallbackEvents[1]", "answered"}};
    form.insert(form.end(), more.begin(), more.end());
    return Ask("POST", "/v1/Accounts/acme1/Calls/connect.json", EncodeForm(form));
  }

  // "event/status/second leg" of every status callback.
  std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const auto& record : sender_.log().entries()) {
      const Form& form = record->webhook.params;
      told.push_back(Concat(FindInForm(form, "EventType").value_or("-"), "/", FindInForm(form, "Status").value_or("-"),
                            "/", FindInForm(form, "Legs[1][Status]").value_or("-")));
    }
    return told;
  }

  http::Response Tell(std::string method, std::string_view path, std::string body = "") {
    http::Request request;
    request.method = std::move(method);
    request.body = std::move(body);
    return control_.Handle(path, request);
  }

  ManualScheduler scheduler_{absl::FromUnixSeconds(1'772'528'400)};
  World world_{scheduler_};
  FakeTransport transport_;
  WebhookSender sender_{world_, transport_};
  Accounts accounts_;
  Exchange exchange_{world_, sender_};
  Campaigns campaigns_{world_, sender_, exchange_};
  RestApi rest_api_{world_, accounts_, exchange_, campaigns_};
  exotel::Control control_{sender_, accounts_, exchange_, rest_api_};
};

TEST_F(ExotelTwinTest, EveryLegIsTold) {
  EXPECT_EQ(Place("+919876543201").response.status, 200);
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_THAT(Told(),
              ElementsAre("answered/in-progress/", "answered/in-progress/in-progress", "terminal/completed/completed"));
  const http::ClientRequest& last = transport_.requests.back();
  const std::string_view type = http::FindHeader(last.headers, "content-type");
  EXPECT_TRUE(type.starts_with("multipart/form-data"));
  EXPECT_EQ(FindInForm(ReadMultipart(type, last.body), "Legs[1][Status]"), "completed");
}

TEST_F(ExotelTwinTest, JsonIsToldWhenAskedFor) {
  Place("+919876543250", {{"StatusCallbackContentType", "application/json"}});
  scheduler_.Advance(absl::Minutes(1));
  const auto json = ParseJson(transport_.requests.back().body);
  EXPECT_EQ(json["Status"], "busy");
  EXPECT_EQ(json["Legs"][1]["Status"], "busy");
  EXPECT_EQ(json["CustomField"], "mine");
  EXPECT_EQ(json["To"], "09876543250");
}

TEST_F(ExotelTwinTest, StoriesFollowTheNumber) {
  for (const auto& [number, status] : std::vector<std::pair<std::string, std::string>>{
           {"+919876543251", "no-answer"}, {"+919876543252", "failed"}, {"+919876543254", "busy"}}) {
    Place(number);
    scheduler_.Advance(absl::Minutes(2));
    EXPECT_EQ(exchange_.calls().back()->status, status) << number;
  }
  EXPECT_EQ(Place("+919876543256").response.status, 400);
  EXPECT_EQ(Place("+919876543260").response.status, 500);
  const auto placed = exchange_.added();
  EXPECT_EQ(Place("+919876543257").response.status, 500);
  EXPECT_TRUE(Place("+919876543258").lost);
  EXPECT_EQ(exchange_.added(), placed + 2);
  EXPECT_EQ(http::FindHeader(Place("+919876543261").response.headers, "retry-after"), "60");
}

TEST_F(ExotelTwinTest, AFlowIsTold) {
  EXPECT_EQ(Tell("POST", "/flows", R"({"app_id":"926","passthru_url":"http://hooks/passthru?token=t"})").status, 204);
  const Form form = {{"From", "+919876543201"},
                     {"Url", "http://my.exotel.com/acme1/exoml/start_voice/926"},
                     {"CallerId", "08047190000"},
                     {"StatusCallback", "http://hooks/status"}};
  EXPECT_EQ(Ask("POST", "/v1/Accounts/acme1/Calls/connect.json", EncodeForm(form)).response.status, 200);
  scheduler_.Advance(absl::Minutes(1));
  ASSERT_EQ(transport_.requests.size(), 2u);
  EXPECT_TRUE(transport_.requests[0].url.starts_with("http://hooks/passthru?token=t&CallSid="));
  EXPECT_EQ(sender_.log().entries().back()->webhook.params.size(), 4u);
}

TEST_F(ExotelTwinTest, CallsAreShownAndListed) {
  Place("+919876543201", {{"Record", "true"}});
  scheduler_.Advance(absl::Minutes(5));
  const std::string sid = exchange_.calls().front()->sid;
  const auto call = ParseJson(Ask("GET", Concat("/v1/Accounts/acme1/Calls/", sid, ".json?details=true")).response.body);
  EXPECT_EQ(call["Call"]["Status"], "completed");
  EXPECT_EQ(call["Call"]["Price"], "1.500");
  EXPECT_EQ(call["Call"]["Details"]["Leg2Status"], "completed");
  const auto list = [&](std::string_view query) {
    return ParseJson(Ask("GET", Concat("/v1/Accounts/acme1/Calls.json?", query)).response.body);
  };
  EXPECT_EQ(list("To=%2B919876543201")["Calls"].size(), 1u);
  EXPECT_EQ(list("From=%2B919876543201")["Calls"].size(), 0u);
  EXPECT_EQ(list("DateCreated=gte:2026-03-03+14:30:00%3Blte:2026-03-03+14:31:00")["Calls"].size(), 1u);
  EXPECT_EQ(list("DateCreated=gte:2026-03-03+14:31:00")["Calls"].size(), 0u);
  Place("+919876543202");
  EXPECT_EQ(list("PageSize=1")["Metadata"]["NextPageUri"], "/v1/Accounts/acme1/Calls.json?After=1");
  EXPECT_EQ(Ask("GET", "/v1/Accounts/acme1/Calls/none.json").response.status, 404);
  EXPECT_EQ(Ask("GET", "/v1/Accounts/acme1/Calls.json", "", "", "wrong").response.status, 401);
}

TEST_F(ExotelTwinTest, AMinuteHasTwoHundredRequests) {
  for (int i = 0; i < 200; ++i) EXPECT_EQ(Ask("GET", "/v1/Accounts/acme1/Calls.json").response.status, 200);
  const RestReply reply = Ask("GET", "/v1/Accounts/acme1/Calls.json");
  EXPECT_EQ(reply.response.status, 429);
  EXPECT_EQ(http::FindHeader(reply.response.headers, "retry-after"), "60");
  world_.settings.requests_per_minute = 0;
  EXPECT_EQ(Ask("GET", "/v1/Accounts/acme1/Calls.json").response.status, 200);
  world_.settings.requests_per_minute = 200;
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_EQ(Ask("GET", "/v1/Accounts/acme1/Calls.json").response.status, 200);
}

TEST_F(ExotelTwinTest, ACampaignDialsAnUploadedList) {
  const std::string body = MultipartBody({{"list_name", "march"},
                                          {"type", "static"},
                                          {"file_name", "\"number\"\r\n\"+919876543201\"\r\n\"+919876543250\"\r\n"}},
                                         "b");
  const auto upload = ParseJson(
      Ask("POST", "/v2/accounts/acme1/contacts/csv-upload", body, "multipart/form-data; boundary=b").response.body);
  const std::string id = upload["response"][0]["data"]["upload_id"];
  const auto state = [&] {
    const auto json = ParseJson(Ask("GET", Concat("/v2/accounts/acme1/csv-status/", id)).response.body);
    return json["response"][0]["data"]["status"].get<std::string>();
  };
  EXPECT_EQ(state(), "in-progress");
  EXPECT_EQ(state(), "completed");
  const auto lists = ParseJson(Ask("GET", "/v2/accounts/acme1/lists?name=march").response.body);
  const std::string list = lists["response"][0]["data"]["sid"];
  const std::string campaign = Concat(R"({"campaigns":[{"caller_id":"08047190000","url":"http://my/1","lists":[")",
                                      list, R"("],"call_status_callback":"http://hooks/campaign?bulk=1"}]})");
  EXPECT_EQ(Ask("POST", "/v2/accounts/acme1/campaigns", campaign, "application/json").response.status, 200);
  scheduler_.Advance(absl::Minutes(2));
  ASSERT_EQ(transport_.requests.size(), 2u);
  EXPECT_EQ(ParseJson(transport_.requests[0].body)["status"], "busy");
  EXPECT_EQ(ParseJson(transport_.requests[1].body)["number"], "+919876543201");
}

TEST_F(ExotelTwinTest, ACallComesIn) {
  const auto answer = Tell("POST", "/inbound",
                           R"({"from":"+919999999991","to":"+918047190001","voice_url":"http://hooks/passthru",
                               "status_callback":"http://hooks/end","digits":["42"]})");
  ASSERT_EQ(answer.status, 201);
  scheduler_.Advance(absl::Minutes(2));
  ASSERT_EQ(transport_.requests.size(), 3u);
  EXPECT_THAT(transport_.requests[1].url, testing::HasSubstr("digits=%2242%22"));
  EXPECT_THAT(transport_.requests[2].url, testing::HasSubstr("CallType=completed"));
  EXPECT_EQ(ParseJson(Tell("GET", "/stats").body)["live_calls"], 0);
}

TEST_F(ExotelTwinTest, TheControlApiTellsAndActs) {
  Place("+919876543201");
  scheduler_.Advance(absl::Seconds(5));
  const std::string sid = exchange_.calls().front()->sid;
  EXPECT_EQ(Tell("POST", Concat("/calls/", sid, "/hangup")).status, 204);
  EXPECT_EQ(Tell("POST", "/calls/none/hangup").status, 404);
  const auto calls = ParseJson(Tell("GET", "/calls").body)["calls"];
  EXPECT_EQ(calls[0]["status"], "completed");
  EXPECT_EQ(calls[0]["to"], "+919876543201");
  EXPECT_EQ(ParseJson(Tell("GET", "/requests").body)["requests"][0]["call_sid"], sid);
  EXPECT_EQ(Tell("POST", "/webhook", R"({"url":"http://hooks/x","params":{"CallSid":"a"}})").status, 202);
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(ParseJson(Tell("GET", "/webhooks").body)["webhooks"].size(), 4u);
  EXPECT_EQ(Tell("POST", "/accounts", R"({"sid":"b","api_key":"k","api_token":"t"})").status, 204);
  EXPECT_EQ(Tell("POST", "/accounts", "{}").status, 400);
  EXPECT_EQ(Tell("GET", "/nothing").status, 404);
  EXPECT_FALSE(ParseAccount("acme1:key").ok());
}

}  // namespace
}  // namespace trunkline::twin::exotel
