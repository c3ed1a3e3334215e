#include "tools/provider-twin/retreaver/retreaver_twin.h"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <vector>

#include "libs/base/json.h"
#include "tools/provider-twin/tracking/twin_fixture.h"

namespace trunkline::twin::retreaver {
namespace {

using testing::HasSubstr;

class RetreaverTwinTest : public tracking::TwinFixture {
 protected:
  RetreaverTwinTest() : TwinFixture(&MakePlatform, "170001:key:postback") {}

  std::string Calls(std::string_view query, std::string_view version = "2") const {
    return Concat("/retreaver/api/v", version, "/calls.json?api_key=key&company_id=170001&", query);
  }
  std::vector<std::string> Ids(std::string_view query) {
    std::vector<std::string> ids;
    const Json page = Read(Ask("GET", Calls(query)));
    for (const Json& element : page) ids.push_back(element["call"]["uuid"]);
    return ids;
  }
  std::string Link(std::string_view query) {
    return std::string(http::FindHeader(Ask("GET", Calls(query)).response.headers, "link"));
  }
};

TEST_F(RetreaverTwinTest, TheLinkHeaderLeadsThroughAllPages) {
  AddCalls(250);
  std::set<std::string> ids;
  int pages = 0;
  bool more = true;
  while (more) {
    const std::string query = Concat("sort_by=created_at&order=asc&per_page=100&page=", ++pages);
    for (const std::string& id : Ids(query)) ids.insert(id);
    more = Link(query).find("rel=\"next\"") != std::string::npos;
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(ids.size(), 250u);
  EXPECT_THAT(Link("per_page=100&page=2"), HasSubstr("rel=\"first\""));
  // The key stands in it, as it does there.
  EXPECT_THAT(Link("per_page=100"), HasSubstr("http://twin/retreaver/api/v2/calls.json?api_key=key&company_id=170001"));
  EXPECT_EQ(Ids("").size(), 25u);
  EXPECT_TRUE(Ids("page=99").empty());
  Tell("PUT", "/behaviour", R"({"link_header":false})");
  EXPECT_EQ(Link("per_page=100"), "");
}

TEST_F(RetreaverTwinTest, ByChangeIsAlwaysLastChangedFirst) {
  AddCalls(30);
  for (const char* order : {"asc", "desc"}) {
    std::string before = "9999";
    const Json page = Read(Ask("GET", Calls(Concat("sort_by=updated_at&per_page=100&order=", order))));
    for (const Json& element : page) {
      EXPECT_LE(element["call"]["updated_at"].get<std::string>(), before);
      before = element["call"]["updated_at"];
    }
  }
}

TEST_F(RetreaverTwinTest, CallsThatChangeWhileTheyAreListedJumpToTheFront) {
  AddCalls(100);
  Tell("PUT", "/behaviour", R"({"touch":1,"moved_calls":30})");
  EXPECT_EQ(Ids("sort_by=updated_at&per_page=20&page=1").size(), 20u);
  Tell("PUT", "/behaviour", R"({"touch":0})");
  int changed = 0;
  for (const Json& truth : Truth()) changed += truth["changes"].get<int>() > 0 ? 1 : 0;
  ASSERT_GE(changed, 20);
  for (const std::string& id : Ids("sort_by=updated_at&per_page=20&page=1")) {
    EXPECT_GT(Truth(Concat("id=", id))[0]["changes"], 0);
  }
  std::set<std::string> all;
  for (int page = 1; page <= 5; ++page) {
    for (const std::string& id : Ids(Concat("sort_by=updated_at&per_page=20&page=", page))) all.insert(id);
  }
  EXPECT_EQ(all.size(), 100u);
}

TEST_F(RetreaverTwinTest, TheUpdatedFilterWorksOnlyWhereItIsThere) {
  AddCalls(10);
  const std::string far = "sort_by=updated_at&updated_at_start=2036-03-01T00:00:00Z";
  EXPECT_EQ(Ids(far).size(), 10u);
  Tell("PUT", "/behaviour", R"({"updated_filter":true})");
  EXPECT_TRUE(Ids(far).empty());
  EXPECT_EQ(Ids("sort_by=updated_at&updated_at_start=2026-02-01T00:00:00Z").size(), 10u);
}

TEST_F(RetreaverTwinTest, RangesAndFiltersSelect) {
  AddCalls(240);
  EXPECT_EQ(Ids("created_at_start=2026-03-01T00:00:00Z&created_at_end=2026-03-01T05:00:00Z&per_page=100").size(), 50u);
  const std::string campaign = Truth()[0]["campaign_external_key"];
  const auto of_campaign = Ids(Concat("per_page=100&client_cid=", campaign));
  for (const std::string& id : of_campaign) EXPECT_EQ(Truth(Concat("id=", id))[0]["campaign_external_key"], campaign);
  EXPECT_GT(of_campaign.size(), 20u);
  EXPECT_TRUE(Ids("caller=%2B19995550100").empty());
}

TEST_F(RetreaverTwinTest, ACallIsTheTruthInEveryVersion) {
  AddCalls(60);
  for (const Json& truth : Truth()) {
    for (const char* version : {"1", "2", "3", "4"}) {
      const std::string id = truth["external_id"];
      const Json call =
          Read(Ask("GET", Concat("/retreaver/api/v", version, "/calls/", id, ".json?api_key=key")))["call"];
      EXPECT_EQ(call["uuid"], id);
      EXPECT_EQ(call["status"], "finished");
      EXPECT_EQ(call["total_duration"], truth["duration_seconds"]);
      EXPECT_EQ(call["cid"], truth["campaign_external_key"]);
      EXPECT_EQ(call.contains("recording_url"), truth["recording"].get<bool>());
      EXPECT_EQ(call["dialed_number"], truth["destination_number"]);
      if (*version == '1') continue;
      EXPECT_EQ(call["connected"], !truth["answered_at"].is_null());
      EXPECT_EQ(call["revenue"].is_null(), !truth["money_known"].get<bool>());
      EXPECT_EQ(call["tags"], truth["tags"]);
      EXPECT_EQ(call["updated_at"], truth["provider_updated_at"]);
      EXPECT_EQ(call["number"].is_object(), *version >= '3');
      EXPECT_EQ(call.contains("campaign"), *version == '4');
    }
  }
}

TEST_F(RetreaverTwinTest, WebhooksAreFiredWithTheirTokensReplaced) {
  Tell(
      "POST", "/hooks",
      R"({"event":"ended","url":"http://hooks/e?call_uuid=[call_uuid]&n=[caller_number]&x=[nothing]&rec=[call_recording_url]"})");
  Tell("POST", "/hooks", R"({"event":"start","method":"HEAD","url":"http://hooks/s?call_uuid=[call_uuid]"})");
  Tell("POST", "/hooks",
       R"({"event":"ended","method":"POST","url":"http://hooks/j","body":"{\"call_uuid\":\"[call_uuid]\"}"})");
  Tell("POST", "/calls", R"({"count":1,"from":"2026-03-02T15:00:10Z","to":"2026-03-02T15:00:11Z","connected":1,
                            "talk_seconds":[10,10]})");
  scheduler_.Advance(absl::Minutes(3));
  const std::string id = Truth()[0]["external_id"];
  ASSERT_EQ(transport_.requests.size(), 3u);
  EXPECT_EQ(transport_.requests[0].method, "HEAD");
  EXPECT_THAT(transport_.requests[1].url, HasSubstr(Concat("call_uuid=", id, "&n=%2B1")));
  EXPECT_THAT(transport_.requests[1].url, HasSubstr("x=%5Bnothing%5D"));
  EXPECT_EQ(transport_.requests[2].body, Concat(R"({"call_uuid":")", id, R"("})"));
  const Json call = Read(Ask("GET", Concat("/retreaver/api/v2/calls/", id, ".json?api_key=key")))["call"];
  ASSERT_EQ(call["fired_pixels"].size(), 3u);
  EXPECT_EQ(call["fired_pixels"][1]["fired_pixel"]["status"], "fired");
}

TEST_F(RetreaverTwinTest, ACallCanBeToldBeforeItCanBeSeen) {
  Tell("PUT", "/behaviour", R"({"api_lag_ms":5000})");
  Tell("POST", "/hooks", R"({"event":"start","url":"http://hooks/s?call_uuid=[call_uuid]"})");
  Tell("POST", "/calls", R"({"count":1,"from":"2026-03-02T15:00:01Z","to":"2026-03-02T15:00:02Z"})");
  scheduler_.Advance(absl::Seconds(3));
  ASSERT_EQ(transport_.requests.size(), 1u);
  const std::string id = transport_.requests[0].url.substr(transport_.requests[0].url.find('=') + 1);
  const std::string target = Concat("/retreaver/api/v2/calls/", id, ".json?api_key=key");
  EXPECT_EQ(Ask("GET", target).response.status, 404);
  EXPECT_TRUE(Ids("").empty());
  scheduler_.Advance(absl::Seconds(5));
  EXPECT_EQ(Ask("GET", target).response.status, 200);
  EXPECT_EQ(Ids("").size(), 1u);
}

TEST_F(RetreaverTwinTest, TimersOfACampaignAreKeptOrReplaced) {
  const std::string campaign = "/retreaver/campaigns/cid/auto-ins-01.json?api_key=key";
  const auto put = [&](std::string_view body) {
    return Read(Ask("PUT", campaign, std::string(body)))["campaign"]["timers"];
  };
  EXPECT_EQ(put(R"({"campaign":{"timers_attributes":[{"seconds":0,"url":"http://a"}]}})").size(), 1u);
  EXPECT_EQ(put(R"({"campaign":{"timers_attributes":[{"seconds":30,"url":"http://b"}]}})").size(), 2u);
  EXPECT_EQ(put(R"({"campaign":{"destroy_nested":true,"timers_attributes":[]}})").size(), 0u);
  EXPECT_EQ(Ask("GET", "/retreaver/campaigns/cid/none.json?api_key=key").response.status, 404);
  EXPECT_EQ(Read(Ask("GET", "/retreaver/campaigns/9911.json?api_key=key"))["campaign"]["cid"], "auto-ins-01");
}

TEST_F(RetreaverTwinTest, TagsAreWrittenWithThePostbackKey) {
  AddCalls(1);
  const std::string id = Truth()[0]["external_id"];
  const std::string body = WriteJson(Json{{"key", "postback"}, {"call_uuid", id}, {"age", "39"}});
  EXPECT_THAT(Ask("POST", "/retreaver/data_writing", body).response.body, HasSubstr("tags applied"));
  EXPECT_EQ(Truth()[0]["tags"]["age"], "39");
  EXPECT_EQ(Truth()[0]["changes"], 1);
  EXPECT_EQ(Ask("POST", "/retreaver/data_writing", R"({"key":"key","call_uuid":"a"})").response.status, 401);
  EXPECT_THAT(Ask("GET", "/retreaver/data_writing/postback?call_uuid=none&a=b").response.body,
              HasSubstr("tags stored"));
  Ask("GET", Concat("/retreaver/conversions?key=postback&revenue=12.5&payout=&converted=true&call_uuid=", id));
  EXPECT_EQ(Truth()[0]["converted"], true);
}

TEST_F(RetreaverTwinTest, NumbersAreBoughtAndReleased) {
  const std::string order = R"({"number":{"type":"Local","country":"US","cid":"auto-ins-01","afid":"pub-1"}})";
  const RestReply bought = Ask("POST", "/retreaver/numbers.json?api_key=key", order);
  EXPECT_EQ(bought.response.status, 201);
  const std::string id = WriteJson(Read(bought)["number"]["id"]);
  const std::string target = Concat("/retreaver/numbers/", id, ".json?api_key=key");
  EXPECT_EQ(Ask("GET", target).response.status, 200);
  EXPECT_EQ(Ask("DELETE", target).response.status, 204);
  EXPECT_EQ(Ask("DELETE", target).response.status, 410);
  EXPECT_EQ(Ask("POST", "/retreaver/numbers.json?api_key=key", R"({"number":{"type":"Local"}})").response.status, 422);
  EXPECT_EQ(Read(Ask("GET", "/retreaver/numbers.json?api_key=key&per_page=3")).size(), 3u);
}

TEST_F(RetreaverTwinTest, AReportIsTheSumByDay) {
  AddCalls(100);
  const Json report = Read(Ask("GET",
                               "/retreaver/api/v1/reports.json?api_key=key&domain=calls&facet=daily"
                               "&created_at_start=2026-03-01&created_at_end=2026-03-03"));
  EXPECT_EQ(report["count_total"], 1);
  EXPECT_EQ(report["data"][0]["total_calls"], 100);
  EXPECT_EQ(Ask("GET", "/retreaver/api/v1/reports.json?api_key=key&domain=calls").response.status, 400);
}

TEST_F(RetreaverTwinTest, TheKeyAndTheCompanyMustBeRight) {
  EXPECT_EQ(Ask("GET", "/retreaver/companies/170001.json?api_key=key").response.status, 200);
  EXPECT_EQ(Ask("GET", "/retreaver/companies/170001.json?api_key=no").response.status, 401);
  EXPECT_EQ(Ask("GET", "/retreaver/company.json?api_key=key&company_id=2").response.status, 401);
  EXPECT_EQ(Ask("GET", "/retreaver/company?api_key=key").response.status, 406);
}

}  // namespace
}  // namespace trunkline::twin::retreaver
