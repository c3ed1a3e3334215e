#include "tools/provider-twin/trackdrive/trackdrive_twin.h"

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "tools/provider-twin/tracking/twin_fixture.h"

namespace trunkline::twin::trackdrive {
namespace {

class TrackDriveTwinTest : public tracking::TwinFixture {
 protected:
  TrackDriveTwinTest()
      : TwinFixture(&MakePlatform, "acme:pub:prv", {{"authorization", Concat("Basic ", Base64Encode("pub:prv"))}}) {}

  Json List(std::string_view query) { return Read(Ask("GET", Concat("/trackdrive/api/v1/calls?", query))); }
  // All calls, by the cursor; how many pages that took.
  int ReadAll(std::string_view query, std::vector<std::string>* ids) {
    std::string cursor = "-1";
    for (int pages = 1;; ++pages) {
      const Json page = List(Concat(query, "&cursor=", cursor));
      for (const Json& call : page["calls"]) ids->push_back(call["uuid"]);
      const Json next = page["metadata"]["next_cursor"];
      cursor = next.is_string() ? next.get<std::string>() : WriteJson(next);
      if (cursor == "0" || pages > 100) return pages;
    }
  }
};

TEST_F(TrackDriveTwinTest, TheCursorLeadsThroughAllCalls) {
  AddCalls(250);
  std::vector<std::string> ids;
  EXPECT_EQ(ReadAll("per_page=50", &ids), 5);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 250u);
  EXPECT_EQ(ids.size(), 250u);
  const Json first = List("per_page=50");
  EXPECT_EQ(first["metadata"]["total_count"], 250);
  EXPECT_EQ(first["metadata"]["total_pages"], 5);
  // 1/100,000 s: more digits than 32 bits hold.
  EXPECT_GT(first["metadata"]["next_cursor"].get<int64_t>(), 170'000'000'000'000);
  Tell("PUT", "/behaviour", R"({"empty_last_page":true,"cursor":"text"})");
  ids.clear();
  EXPECT_EQ(ReadAll("per_page=50", &ids), 6);
  EXPECT_EQ(ids.size(), 250u);
  EXPECT_TRUE(List("per_page=50")["metadata"]["next_cursor"].is_string());
}

TEST_F(TrackDriveTwinTest, CallsOfOneMomentAreAllRead) {
  Tell("POST", "/calls", R"({"count":90,"from":"2026-03-01T00:00:00Z","to":"2026-03-01T00:00:00Z"})");
  std::vector<std::string> ids;
  ReadAll("per_page=7", &ids);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 90u);
  EXPECT_EQ(Tell("POST", "/calls", R"({"count":101,"from":"2026-03-01T00:00:00Z","to":"2026-03-01T00:00:00Z"})").status,
            400);
}

TEST_F(TrackDriveTwinTest, ACursorCanStandStill) {
  AddCalls(100);
  Tell("PUT", "/behaviour", R"({"cursor":"repeated"})");
  const std::string cursor = WriteJson(List("per_page=10")["metadata"]["next_cursor"]);
  EXPECT_EQ(WriteJson(List(Concat("per_page=10&cursor=", cursor))["metadata"]["next_cursor"]), cursor);
  EXPECT_EQ(Ask("GET", "/trackdrive/api/v1/calls?cursor=abc").response.status, 422);
}

TEST_F(TrackDriveTwinTest, WhatBeginsMeanwhileMovesNothing) {
  AddCalls(100);
  Tell("PUT", "/behaviour", R"({"grow":1})");
  std::vector<std::string> ids;
  ReadAll("per_page=10", &ids);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_GT(Truth().size(), 105u);
}

TEST_F(TrackDriveTwinTest, RangesByStartEndAndChange) {
  AddCalls(240);
  const auto count = [&](std::string_view query) { return List(query)["metadata"]["total_count"].get<int>(); };
  EXPECT_EQ(
      count("created_at_from=2026-03-01%2000%3A00%3A00%20%2B0000&created_at_to=2026-03-01%2005%3A00%3A00%20%2B0000"),
      50);
  EXPECT_EQ(count("ended_at_from=2036-03-01%2000%3A00%3A00%20%2B0000"), 0);
  EXPECT_GT(count("ended_at_from=2026-03-01%2012%3A00%3A00%20%2B0000"), 100);
  Tell("PUT", "/behaviour", R"({"ended_filter":false})");
  EXPECT_EQ(count("ended_at_from=2036-03-01%2000%3A00%3A00%20%2B0000"), 240);
  EXPECT_EQ(count("updated_at_from=2036-03-01%2000%3A00%3A00%20%2B0000"), 240);
  Tell("PUT", "/behaviour", R"({"updated_filter":true})");
  EXPECT_EQ(count("updated_at_from=2036-03-01%2000%3A00%3A00%20%2B0000"), 0);
  EXPECT_EQ(Ask("GET", "/trackdrive/api/v1/calls?created_at_from=soon").response.status, 422);
}

TEST_F(TrackDriveTwinTest, FiltersAndColumnsSelect) {
  AddCalls(200);
  int converted = 0;
  for (const Json& truth : Truth()) converted += truth["converted"].get<bool>() ? 1 : 0;
  EXPECT_EQ(List("per_page=1&columns=id&buyer_converted=yes")["metadata"]["total_count"], converted);
  EXPECT_EQ(List("in_progress=true")["metadata"]["total_count"], 0);
  const Json thin = List("per_page=1&columns=id,uuid,updated_at,deleted_at")["calls"][0];
  EXPECT_EQ(thin.size(), 4u);
  EXPECT_TRUE(List("root=false").is_array());
  std::vector<std::string> ids;
  ReadAll("per_page=10&buyer_converted=true", &ids);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), static_cast<size_t>(converted));
  EXPECT_EQ(ids.size(), static_cast<size_t>(converted));
}

TEST_F(TrackDriveTwinTest, ACallIsTheTruth) {
  AddCalls(150);
  bool blank = false;
  bool label = false;
  for (const Json& truth : Truth()) {
    const std::string id = truth["external_id"];
    const Json call = Read(Ask("GET", Concat("/trackdrive/api/v1/calls/", id)))["call"];
    EXPECT_EQ(call["uuid"], id);
    EXPECT_EQ(Read(Ask("GET", Concat("/trackdrive/api/v1/calls/", WriteJson(call["id"]))))["call"]["uuid"], id);
    EXPECT_EQ(call["connected_to"], truth["destination_number"]);
    EXPECT_EQ(call["total_duration"], truth["duration_seconds"]);
    EXPECT_EQ(call["recording_url"].is_null(), !truth["recording"].get<bool>());
    EXPECT_THAT(call["created_at"].get<std::string>(), testing::EndsWith("-05:00"));
    EXPECT_EQ(WriteJson(call["offer_id"]), truth["campaign_id"].get<std::string>());
    if (call["revenue"] == "") {
      blank = true;
      EXPECT_EQ(truth["money_known"], false);
    } else {
      const double revenue =
          call["revenue"].is_string() ? std::stod(call["revenue"].get<std::string>()) : call["revenue"].get<double>();
      EXPECT_NEAR(revenue, std::stod(truth["revenue"].get<std::string>()), 1e-9);
    }
    label = label || call["buyer_converted"] == "Converted";
  }
  EXPECT_TRUE(blank && label);
}

TEST_F(TrackDriveTwinTest, SubscriptionsTellALiveCall) {
  for (const char* event : {"new_call", "call_ringing", "call_forwarded", "call_ended", "call_changed"}) {
    const std::string body = WriteJson(Json{{"target_url", Concat("http://hooks/", event)}, {"event", event}});
    EXPECT_EQ(Ask("POST", "/trackdrive/api/v1/subscriptions", body).response.status, 200);
  }
  EXPECT_EQ(
      Ask("POST", "/trackdrive/api/v1/subscriptions", R"({"target_url":"http://a","event":"none"})").response.status,
      422);
  Tell("POST", "/calls", R"({"count":1,"from":"2026-03-02T15:00:10Z","to":"2026-03-02T15:00:11Z","connected":1,
                            "converted":1,"talk_seconds":[60,60]})");
  scheduler_.Advance(absl::Minutes(5));
  std::vector<std::string> told;
  for (const auto& request : transport_.requests) told.push_back(request.url.substr(13));
  EXPECT_THAT(told,
              testing::IsSupersetOf({"new_call", "call_ringing", "call_forwarded", "call_ended", "call_changed"}));
  EXPECT_EQ(told.front(), "new_call");
  const Json body = ParseOrderedJson(transport_.requests.front().body);
  EXPECT_EQ(body["call"]["status"], "initiated");
  const std::string id = body["call"]["uuid"];
  const Json events = Read(Ask("GET", Concat("/trackdrive/api/v1/calls/", id, "/events")))["events"];
  EXPECT_EQ(events.size(), told.size() + 1);
  EXPECT_EQ(events[1]["code"], 204);
  const Json all = Read(Ask("GET", "/trackdrive/api/v1/subscriptions"))["subscriptions"];
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(Ask("DELETE", Concat("/trackdrive/api/v1/subscriptions/", WriteJson(all[0]["id"]))).response.status, 200);
  EXPECT_EQ(Ask("DELETE", Concat("/trackdrive/api/v1/subscriptions/", WriteJson(all[0]["id"]))).response.status, 404);
  for (const char* payload : {"flat", "named"}) {
    transport_.requests.clear();
    Tell("PUT", "/behaviour", Concat(R"({"payload":")", payload, R"("})"));
    Tell("POST", "/changes", R"({"percent":100,"kinds":["tags"]})");
    ASSERT_FALSE(transport_.requests.empty());
    const Json sent = ParseOrderedJson(transport_.requests.front().body);
    EXPECT_EQ(sent.contains("uuid"), std::string_view(payload) == "flat");
    EXPECT_EQ(sent.contains("event"), std::string_view(payload) == "named");
  }
}

TEST_F(TrackDriveTwinTest, AnUpdateIsReadBack) {
  AddCalls(1, R"("connected":1)");
  const std::string id = Truth()[0]["external_id"];
  const std::string target = Concat("/trackdrive/api/v1/calls/", id);
  EXPECT_EQ(Ask("PUT", target,
                R"({"revenue":"40.50","add_payout":"1.25","buyer_converted":true,"post_call_tokens":{"a":"b"}})")
                .response.status,
            200);
  const Json truth = Truth()[0];
  EXPECT_EQ(truth["revenue"], "40.5000");
  EXPECT_EQ(truth["converted"], true);
  EXPECT_EQ(truth["tags"]["a"], "b");
  EXPECT_EQ(Ask("PUT", target, R"({"revenue":"much"})").response.status, 422);
  EXPECT_EQ(Ask("PUT", "/trackdrive/api/v1/calls/none", "{}").response.status, 404);
}

TEST_F(TrackDriveTwinTest, WhatIsDeletedIsShownSo) {
  AddCalls(10);
  Tell("POST", "/changes", R"({"percent":100,"kinds":["delete"]})");
  const Json call = List("per_page=10")["calls"][0];
  EXPECT_FALSE(call["deleted_at"].is_null());
  EXPECT_FALSE(Truth()[0]["deleted_at"].is_null());
  EXPECT_EQ(Truth()[0]["listed"], true);
}

TEST_F(TrackDriveTwinTest, StatisticsAndNumbersAndOffers) {
  AddCalls(40);
  const std::string range =
      "&created_at_from=2026-02-28%2000%3A00%3A00%20UTC&created_at_to=2026-03-03%2000%3A00%3A00%20UTC";
  const Json days =
      Read(Ask("GET", Concat("/trackdrive/api/v1/calls/stats?stat=count&group_by=created_at_day", range)));
  int sum = 0;
  for (const auto& [day, count] : days["stats"].items()) sum += count.get<int>();
  EXPECT_EQ(sum, 40);
  EXPECT_EQ(Ask("GET", Concat("/trackdrive/api/v1/calls/stats?stat=count&group_by=moon", range)).response.status, 422);
  const Json bought = Read(Ask("POST", "/trackdrive/api/v1/phone_numbers",
                               R"({"country":"US","number_type":"local","area_code":"415","offer_id":10001234})"));
  const std::string id = WriteJson(bought["number"]["id"]);
  const std::string number = bought["number"]["number"];
  EXPECT_THAT(number, testing::StartsWith("+1415"));
  const std::string by_number = Concat("/trackdrive/api/v1/phone_numbers?number=", PercentEncode(number));
  EXPECT_EQ(Read(Ask("GET", by_number))["numbers"].size(), 1u);
  EXPECT_EQ(Ask("DELETE", Concat("/trackdrive/api/v1/phone_numbers/", id)).response.status, 200);
  EXPECT_EQ(Read(Ask("GET", by_number))["numbers"].size(), 0u);
  EXPECT_EQ(Read(Ask("GET", "/trackdrive/api/v1/offers/10001234"))["offer"]["name"], "Auto insurance");
  EXPECT_EQ(Ask("GET", "/trackdrive/api/v1/offers/none").response.status, 404);
}

TEST_F(TrackDriveTwinTest, TheLimitSaysWhenToComeAgain) {
  Tell("PUT", "/limits", R"({"limits":[{"resource":"list","unit":"minute","most":2}]})");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Ask("GET", "/trackdrive/api/v1/calls").response.status, 200);
  scheduler_.Advance(absl::Seconds(20));
  const RestReply refused = Ask("GET", "/trackdrive/api/v1/calls");
  EXPECT_EQ(refused.response.status, 429);
  EXPECT_EQ(http::FindHeader(refused.response.headers, "retry-after"), "40");
  headers_ = {{"authorization", Concat("Basic ", Base64Encode("pub:no"))}};
  EXPECT_EQ(Ask("GET", "/trackdrive/api/v1/calls").response.status, 401);
}

}  // namespace
}  // namespace trunkline::twin::trackdrive
