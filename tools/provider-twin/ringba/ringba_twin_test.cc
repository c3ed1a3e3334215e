#include "tools/provider-twin/ringba/ringba_twin.h"

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "libs/base/json.h"
#include "tools/provider-twin/tracking/twin_fixture.h"

namespace trunkline::twin::ringba {
namespace {

using testing::HasSubstr;

constexpr char kLog[] = "/ringba/v2/RA1/calllogs";
constexpr char kRange[] = R"("reportStart":"2026-02-28T00:00:00Z","reportEnd":"2026-03-03T00:00:00Z")";
constexpr char kOrder[] = R"("orderByColumns":[{"column":"callDt","direction":"asc"}])";

class RingbaTwinTest : public tracking::TwinFixture {
 protected:
  RingbaTwinTest() : TwinFixture(&MakePlatform, "RA1:key:user:pass", {{"authorization", "Token key"}}) {}

  std::string Body(size_t offset, int size, std::string_view more = "") const {
    return Concat("{", kRange, ",", kOrder, R"(,"offset":)", offset, R"(,"size":)", size, more.empty() ? "" : ",", more,
                  "}");
  }
  Json Page(size_t offset, int size, std::string_view more = "") {
    return Read(Ask("POST", kLog, Body(offset, size, more)))["report"];
  }
};

TEST_F(RingbaTwinTest, EveryCallIsOnOnePage) {
  AddCalls(250);
  std::set<std::string> ids;
  int64_t before = 0;
  int pages = 0;
  for (size_t offset = 0; offset < 250; ++pages) {
    const Json page = Page(offset, 100);
    EXPECT_EQ(page["totalCount"], 250);
    EXPECT_EQ(page["partialResult"], false);
    for (const Json& record : page["records"]) {
      ids.insert(record["inboundCallId"].get<std::string>());
      EXPECT_LE(before, record["callDt"].get<int64_t>());
      before = record["callDt"].get<int64_t>();
    }
    offset += page["records"].size();
  }
  EXPECT_EQ(ids.size(), 250u);
  EXPECT_EQ(pages, 3);
}

TEST_F(RingbaTwinTest, TheSameSeedMakesTheSameCalls) {
  AddCalls(20, R"("seed":7)");
  const Json first = Truth();
  twin_.Reset();
  AddCalls(20, R"("seed":7)");
  EXPECT_EQ(Truth(), first);
  twin_.Reset();
  AddCalls(20, R"("seed":8)");
  EXPECT_NE(Truth(), first);
}

TEST_F(RingbaTwinTest, ARecordIsTheTruth) {
  AddCalls(100);
  std::set<std::string> statuses;
  for (const Json& truth : Truth()) {
    const std::string id = truth["external_id"];
    const Json detail =
        Read(Ask("POST", "/ringba/v2/RA1/calllogs/detail", Concat(R"({"InboundCallIds":[")", id, R"("]})")));
    const Json record = detail["report"]["records"][0];
    EXPECT_EQ(record["inboundCallId"], id);
    EXPECT_EQ(record["hasConverted"], truth["converted"]);
    EXPECT_EQ(record["hasRecording"], truth["recording"]);
    EXPECT_EQ(record["campaignId"], truth["campaign_id"]);
    EXPECT_EQ(record["callLengthInSeconds"], truth["duration_seconds"]);
    EXPECT_EQ(record["hasConnected"], !truth["answered_at"].is_null());
    EXPECT_NEAR(record["conversionAmount"].get<double>(), std::stod(truth["revenue"].get<std::string>()), 1e-9);
    EXPECT_EQ(record.contains("targetId"), !truth["buyer_id"].is_null());
    EXPECT_TRUE(truth["provider_updated_at"].is_null());
    statuses.insert(truth["status"].get<std::string>());
  }
  EXPECT_THAT(statuses, testing::IsSupersetOf({"completed", "abandoned", "no_answer", "missed"}));
}

TEST_F(RingbaTwinTest, OnlyColumnsThatTheAccountHasCanBeAskedFor) {
  AddCalls(1);
  const std::string columns = R"("valueColumns":[{"column":"inboundCallId"},{"column":"icpCost"}])";
  const RestReply unknown = Ask("POST", kLog, Body(0, 10, columns));
  EXPECT_EQ(unknown.response.status, 422);
  EXPECT_THAT(unknown.response.body, HasSubstr("Unknown value column: icpCost"));
  const Json page = Page(0, 10, R"("valueColumns":[{"column":"inboundCallId"},{"column":"callDt"}])");
  EXPECT_EQ(page["records"][0].size(), 2u);
  Tell("PUT", "/behaviour", R"({"unknown_columns":["callDt"]})");
  EXPECT_EQ(Ask("POST", kLog, Body(0, 10, R"("valueColumns":[{"column":"callDt"}])")).response.status, 422);
}

TEST_F(RingbaTwinTest, FiltersAreOredInGroupsAndAndedBetween) {
  AddCalls(200);
  EXPECT_GT(Told("POST", "/changes", R"({"percent":20,"kinds":["money"]})")["changes"], 10);
  int adjusted = 0;
  for (const Json& truth : Truth()) adjusted += truth["changes"].get<int>() > 0 ? 1 : 0;
  const std::string either =
      R"({"anyConditionToMatch":[{"column":"wasConversionAdjusted","value":"yes","comparisonType":"EQUALS"},)"
      R"({"column":"wasPayoutAdjusted","value":"yes","comparisonType":"EQUALS"}]})";
  EXPECT_EQ(Page(0, 1000, Concat(R"("filters":[)", either, "]"))["totalCount"], adjusted);
  const std::string live = R"({"anyConditionToMatch":[{"column":"isLive","value":"yes","comparisonType":"EQUALS"}]})";
  EXPECT_EQ(Page(0, 1000, Concat(R"("filters":[)", either, ",", live, "]"))["totalCount"], 0);
}

TEST_F(RingbaTwinTest, TheFifthRequestOfASecondIsTheLast) {
  Tell("PUT", "/limits",
       R"({"limits":[{"resource":"list","unit":"second","most":5},{"resource":"list","unit":"minute","most":8}]})");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask("POST", kLog, Body(0, 1)).response.status, 200);
  const RestReply refused = Ask("POST", kLog, Body(0, 1));
  EXPECT_EQ(refused.response.status, 429);
  EXPECT_EQ(Read(refused)["exceedingRateLimit"], "Second");
  EXPECT_EQ(Read(refused)["rateLimit"]["perSecond"]["currentCount"], 6);
  // Details have limits of their own.
  EXPECT_EQ(Ask("POST", "/ringba/v2/RA1/calllogs/detail", R"({"InboundCallIds":["a"]})").response.status, 200);
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(Ask("POST", kLog, Body(0, 1)).response.status, 200);
  EXPECT_EQ(Ask("POST", kLog, Body(0, 1)).response.status, 200);
  EXPECT_EQ(Read(Ask("POST", kLog, Body(0, 1)))["exceedingRateLimit"], "Minute");
  Tell("PUT", "/behaviour", R"({"rate_limited_as_success":true})");
  const RestReply as_success = Ask("POST", kLog, Body(0, 1));
  EXPECT_EQ(as_success.response.status, 200);
  EXPECT_EQ(Read(as_success)["isRateLimited"], true);
  for (const Json& use : Told("GET", "/limits")["use"]) {
    if (use["resource"] != "list") continue;
    if (use["unit"] == "second") {
      EXPECT_EQ(use["highest"], 6);
    } else if (use["unit"] == "minute") {
      EXPECT_EQ(use["refused"], 2);
    }
  }
}

TEST_F(RingbaTwinTest, AListCanBePartialAndShrinkAndGrow) {
  AddCalls(50);
  Tell("PUT", "/behaviour", R"({"partial":1})");
  const Json partial = Page(0, 20);
  EXPECT_EQ(partial["partialResult"], true);
  EXPECT_EQ(partial["records"].size(), 10u);
  Tell("PUT", "/behaviour", R"({"partial":0,"shrink":1,"moved_calls":3})");
  EXPECT_EQ(Page(0, 20)["totalCount"], 50);
  EXPECT_EQ(Page(20, 20)["totalCount"], 47);
  // Begun anew, it is whole.
  EXPECT_EQ(Page(0, 20)["totalCount"], 50);
  EXPECT_EQ(Truth().size(), 50u);
  Tell("PUT", "/behaviour", R"({"shrink":0,"grow":1})");
  EXPECT_EQ(Page(0, 20)["totalCount"], 50);
  EXPECT_EQ(Page(20, 20)["totalCount"], 51);
  EXPECT_EQ(Truth().size(), 52u);
}

TEST_F(RingbaTwinTest, ABearerTokenExpires) {
  Tell("PUT", "/behaviour", R"({"bearer_seconds":60})");
  headers_.clear();
  const Json login = Read(Ask("POST", "/ringba/v2/token", "grant_type=password&username=user&password=pass"));
  EXPECT_EQ(login["expires_in"], 60);
  headers_ = {{"authorization", Concat("Bearer ", login["access_token"].get<std::string>())}};
  EXPECT_EQ(Ask("POST", kLog, Body(0, 1)).response.status, 200);
  scheduler_.Advance(absl::Seconds(60));
  EXPECT_EQ(Ask("POST", kLog, Body(0, 1)).response.status, 401);
  const std::string refresh =
      Concat("grant_type=refresh_token&user_name=user&refresh_token=", login["refresh_token"].get<std::string>());
  EXPECT_EQ(Ask("POST", "/ringba/v2/token", refresh).response.status, 200);
  EXPECT_EQ(Ask("POST", "/ringba/v2/token", "grant_type=password&username=user&password=no").response.status, 400);
}

TEST_F(RingbaTwinTest, PixelsTellALiveCall) {
  for (const char* code : {"IncomingCall", "ConnectedCall", "FinalizedCall", "ConvertedCall"}) {
    const std::string url = Concat("http://hooks/", code, "?id=[Call:InboundCallId]&from=[tag:InboundNumber:Number]");
    const RestReply made = Ask("POST", "/ringba/v2/RA1/EventCallBacks",
                               WriteJson(Json{{"name", "x"}, {"pixelUrl", url}, {"eventCode", code}}));
    EXPECT_THAT(Read(made)["eventCallBack"]["id"].get<std::string>(), testing::StartsWith("EV"));
  }
  Tell("POST", "/calls", R"({"count":1,"from":"2026-03-02T15:00:10Z","to":"2026-03-02T15:00:11Z","connected":1,
                            "converted":1,"talk_seconds":[60,60]})");
  EXPECT_TRUE(Truth().empty());
  scheduler_.Advance(absl::Seconds(12));
  ASSERT_EQ(transport_.requests.size(), 1u);
  const std::string id = Truth()[0]["external_id"];
  EXPECT_THAT(transport_.requests[0].url, HasSubstr(Concat("IncomingCall?id=", id, "&from=")));
  EXPECT_EQ(Truth()[0]["status"], "initiated");
  EXPECT_EQ(Truth()[0]["revenue"], "0.0000");
  scheduler_.Advance(absl::Seconds(40));
  EXPECT_EQ(Truth()[0]["status"], "answered");
  scheduler_.Advance(absl::Minutes(3));
  EXPECT_EQ(Truth()[0]["status"], "completed");
  EXPECT_EQ(Truth()[0]["converted"], true);
  EXPECT_NE(Truth()[0]["revenue"], "0.0000");
  EXPECT_EQ(transport_.requests.size(), 4u);
  EXPECT_EQ(Told("GET", "/stats")["live_calls"], 0);
}

TEST_F(RingbaTwinTest, WebhooksAreLostAndDoubled) {
  Tell("POST", "/hooks", R"({"event":"finalized","url":"http://hooks/f?id=[Call:InboundCallId]"})");
  world_.settings.webhook_loss = 0.5;
  AddCalls(200, R"("webhooks":"all")");
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_GT(transport_.requests.size(), 60u);
  EXPECT_LT(transport_.requests.size(), 140u);
  transport_.requests.clear();
  world_.settings.webhook_loss = 0;
  world_.settings.webhook_duplication = 1;
  AddCalls(10, R"("webhooks":"all")");
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_EQ(transport_.requests.size(), 20u);
}

TEST_F(RingbaTwinTest, ChangesAreInTheTruth) {
  AddCalls(10, R"("connected":1)");
  EXPECT_EQ(Told("POST", "/changes", R"({"percent":100,"kinds":["money"],"over_seconds":60})")["changes"], 10);
  EXPECT_EQ(Truth("changed_since=2026-03-02T15:00:00Z").size(), 0u);
  scheduler_.Advance(absl::Seconds(60));
  EXPECT_EQ(Truth("changed_since=2026-03-02T15:00:00Z").size(), 10u);
  EXPECT_EQ(Truth()[0]["changes"], 1);
  EXPECT_EQ(Truth()[0]["changed_at"].size(), 1u);
  EXPECT_EQ(Truth("offset=7&limit=2").size(), 2u);
  // By the API, too.
  const std::string id = Truth()[3]["external_id"];
  Ask("POST", "/ringba/v2/RA1/calls/payments/override",
      WriteJson(Json{{"inboundCallId", id}, {"adjustConversion", true}, {"newConversionAmount", 40.25}}));
  EXPECT_EQ(Truth(Concat("id=", id))[0]["revenue"], "40.2500");
  EXPECT_EQ(Ask("POST", "/ringba/v2/RA1/calls/payments/override",
                WriteJson(Json{{"inboundCallId", id}, {"adjustConversion", true}, {"newConversionAmount", -1}}))
                .response.status,
            400);
  // What is deleted is gone.
  Told("POST", "/changes", R"({"percent":100,"kinds":["delete"]})");
  EXPECT_EQ(Page(0, 10)["totalCount"], 0);
  EXPECT_EQ(Truth()[0]["listed"], false);
}

TEST_F(RingbaTwinTest, NumbersAreBoughtTiedAndReleased) {
  const Json bought =
      Read(Ask("POST", "/ringba/v2/RA1/numbers",
               R"({"countryCode":"US","isTollFree":false,"chargeAccountIfNeeded":false,"areaCode":"415"})"));
  const std::string id = bought["numberId"];
  EXPECT_THAT(bought["number"]["phoneNumber"].get<std::string>(), testing::StartsWith("+1415"));
  const std::string campaign = Read(Ask("GET", "/ringba/v2/RA1/campaigns"))["campaigns"][0]["id"];
  EXPECT_EQ(Ask("PATCH", Concat("/ringba/v2/RA1/campaigns/", campaign, "/affiliateNumbers"),
                WriteJson(Json{{"numberId", id}}))
                .response.status,
            200);
  EXPECT_EQ(Ask("DELETE", Concat("/ringba/v2/RA1/numbers/", id)).response.status, 400);
  EXPECT_EQ(Ask("DELETE", Concat("/ringba/v2/RA1/numbers/", id, "?unlink=true")).response.status, 200);
  EXPECT_EQ(Ask("GET", Concat("/ringba/v2/RA1/numbers/", id)).response.status, 404);
  Tell("PUT", "/behaviour", R"({"out_of_stock":true})");
  EXPECT_EQ(
      Ask("POST", "/ringba/v2/RA1/numbers", R"({"countryCode":"US","chargeAccountIfNeeded":false})").response.status,
      500);
  // Bought, although nobody learned it.
  Tell("PUT", "/behaviour", R"({"out_of_stock":false,"lost":1})");
  const size_t before = Told("GET", "/numbers")["numbers"].size();
  EXPECT_TRUE(Ask("POST", "/ringba/v2/RA1/numbers", R"({"countryCode":"US","chargeAccountIfNeeded":false})").lost);
  EXPECT_EQ(Told("GET", "/numbers")["numbers"].size(), before + 1);
}

TEST_F(RingbaTwinTest, TroublesComeAsOftenAsAskedFor) {
  AddCalls(5);
  Tell("PUT", "/behaviour", R"({"rate_limited":0.1,"server_error":0.1,"time_out":0.1,"truncated":0.1,"empty":0.1})");
  std::map<int, int> statuses;
  int late = 0;
  int broken = 0;
  int empty = 0;
  for (int i = 0; i < 1000; ++i) {
    const RestReply reply = Ask("POST", kLog, Body(0, 5));
    ++statuses[reply.response.status];
    late += reply.delay > absl::ZeroDuration() ? 1 : 0;
    const Json body = Read(reply);
    if (body.is_discarded()) ++broken;
    if (body.is_object() && body.contains("report") && body["report"]["records"].empty()) ++empty;
  }
  for (const int count : {statuses[429], statuses[500], late, broken, empty}) {
    EXPECT_GT(count, 50);
    EXPECT_LT(count, 150);
  }
}

TEST_F(RingbaTwinTest, ThePlatformsClockCanBeWrong) {
  Tell("PUT", "/behaviour", R"({"clock_ahead_seconds":600})");
  EXPECT_EQ(http::FindHeader(Ask("GET", "/ringba/v2/ringbaaccounts").response.headers, "date"),
            "Mon, 02 Mar 2026 15:10:00 GMT");
}

TEST_F(RingbaTwinTest, ControlRefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Tell("PUT", "/behaviour", R"({"nothing":1})").status, 400);
  EXPECT_EQ(Tell("PUT", "/behaviour", R"({"empty":2})").status, 400);
  EXPECT_EQ(Tell("POST", "/calls", R"({"count":0})").status, 400);
  EXPECT_EQ(Tell("POST", "/changes", R"({"kinds":["none"]})").status, 400);
  EXPECT_EQ(Tell("PUT", "/limits", R"({"limits":[{"resource":"list","unit":"week","most":1}]})").status, 400);
  EXPECT_EQ(Tell("GET", "/truth?account=RA2").status, 400);
  EXPECT_EQ(Tell("GET", "/nothing").status, 404);
  EXPECT_FALSE(twin_.AddAccount("RA1").ok());
  EXPECT_EQ(Ask("POST", "/ringba/v2/RA2/calllogs", Body(0, 1)).response.status, 403);
  headers_ = {{"authorization", "Token wrong"}};
  EXPECT_EQ(Ask("POST", kLog, Body(0, 1)).response.status, 401);
}

}  // namespace
}  // namespace trunkline::twin::ringba
