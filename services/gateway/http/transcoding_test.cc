#include "services/gateway/http/transcoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/gateway/http/error_body.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/control/v1/channel_service.pb.h"
#include "trunkline/recordings/v1/recording_service.pb.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;

constexpr char kCall[] = "0190b2c3-0000-7000-8000-000000000001";

absl::StatusOr<std::string> Transcode(std::string_view method, std::string_view target, std::string_view body = "",
                                      std::string_view key = "") {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  const RouteMatch match = MatchRoute(method, path);
  EXPECT_NE(match.route, nullptr) << target;
  return RequestOf(*match.route,
                   {.path_parameters = match.parameters, .query = query, .body = body, .idempotency_key = key});
}

template <typename Request>
Request Read(std::string_view method, std::string_view target, std::string_view body = "", std::string_view key = "") {
  const auto bytes = Transcode(method, target, body, key);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  Request request;
  EXPECT_TRUE(request.ParseFromString(bytes.value_or("")));
  return request;
}

// The message that names what is wrong.
std::string Refusal(std::string_view method, std::string_view target, std::string_view body = "",
                    std::string_view key = "") {
  const auto bytes = Transcode(method, target, body, key);
  if (bytes.ok()) return "taken";
  EXPECT_EQ(ReasonOf(bytes.status()), Reason::REASON_INVALID_FIELD);
  return std::string(ToStd(bytes.status().message()));
}

TEST(RouteTest, EveryRouteIsAMethodWithTheFieldsOfItsPath) {
  for (const Route& route : Routes()) {
    if (route.kind != RouteKind::kRpc) continue;
    const auto* method = MethodOf(route);
    ASSERT_NE(method, nullptr) << route.rpc;
    for (const std::string_view name : ParametersOf(route.path)) {
      const auto* field = method->input_type()->FindFieldByCamelcaseName(std::string(name));
      ASSERT_NE(field, nullptr) << route.path;
      EXPECT_EQ(field->cpp_type(), google::protobuf::FieldDescriptor::CPPTYPE_STRING);
    }
  }
}

TEST(RouteTest, PathsAreMatchedWhole) {
  EXPECT_EQ(MatchRoute("GET", "/api/calls/x").parameters.at("callId"), "x");
  EXPECT_EQ(MatchRoute("GET", "/api/calls/a%2Fb").parameters.at("callId"), "a/b");
  EXPECT_EQ(MatchRoute("HEAD", "/api/calls/x").route, MatchRoute("GET", "/api/calls/x").route);
  for (const char* path : {"", "/", "/api", "/api/calls/", "/api/calls/x/", "/api/calls//timeline", "/API/calls",
                           "/api/calls/x/timeline/y", "/metrics"}) {
    EXPECT_EQ(MatchRoute("GET", path).allowed, "") << path;
  }
}

TEST(RouteTest, AWrongMethodIsToldTheRightOnes) {
  const RouteMatch match = MatchRoute("PUT", "/api/recordings/x");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "DELETE, GET, HEAD");
  EXPECT_EQ(MatchRoute("GET", "/api/calls/initiate").allowed, "POST");
}

TEST(TranscodingTest, ABodyBecomesTheRequest) {
  const auto request = Read<control::v1::InitiateCallRequest>(
      "POST", "/telephony-gateway/initiate",
      R"({"requestId":"a","to":"+15550100002","ringTimeout":"20.5s","plan":{"verbs":[{"say":{"text":"Hi."}}]}})");
  EXPECT_EQ(request.request_id(), "a");
  EXPECT_EQ(request.ring_timeout().seconds(), 20);
  EXPECT_EQ(request.plan().verbs(0).say().text(), "Hi.");
  EXPECT_EQ(Read<control::v1::EndCallRequest>("POST", "/telephony-gateway/end").call_id(), "");
}

TEST(TranscodingTest, UnknownFieldsAreRefusedByName) {
  EXPECT_THAT(Refusal("POST", "/telephony-gateway/initiate",
                      R"({"too":"x","plan":{"verbs":[{"say":{"text":"a"}},{"say":{"txt":"b"}}]}})"),
              ::testing::AllOf(HasSubstr("too: there is no such field"),
                               HasSubstr("plan.verbs[1].say.txt: there is no such field")));
}

TEST(TranscodingTest, WhatIsNoObjectIsRefused) {
  for (const char* body : {"[]", "null", "7", "\"a\"", "{", "{}{}", "{\"to\":\"a\",}", "{to:1}", "x", "{'to':1}"}) {
    EXPECT_THAT(Refusal("POST", "/telephony-gateway/initiate", body), HasSubstr("body")) << body;
  }
  EXPECT_NE(Refusal("POST", "/telephony-gateway/initiate", R"({"to":7.5})"), "");
  EXPECT_NE(Refusal("POST", "/telephony-gateway/initiate", R"({"ringTimeout":"soon"})"), "taken");
  EXPECT_NE(Refusal("POST", "/telephony-gateway/initiate", std::string(100'000, '[')), "taken");
  std::string deep = "{\"plan\":";
  for (int i = 0; i < 5'000; ++i) deep += "{\"verbs\":[";
  EXPECT_NE(Refusal("POST", "/telephony-gateway/initiate", deep), "taken");
}

TEST(TranscodingTest, ThePathNamesTheCall) {
  const std::string target = Concat("/api/calls/", kCall, "/sync");
  EXPECT_EQ(Read<control::v1::SyncCallRequest>("POST", target).call_id(), kCall);
  EXPECT_EQ(Read<control::v1::SyncCallRequest>("POST", target, Concat("{\"callId\":\"", kCall, "\"}")).call_id(),
            kCall);
  EXPECT_THAT(Refusal("POST", target, "{\"callId\":\"another\"}"), HasSubstr("callId: differs from that of the path"));
  EXPECT_THAT(Refusal("GET", "/api/calls/%FF"), HasSubstr("callId"));
}

TEST(TranscodingTest, AQueryBecomesTheRequest) {
  const auto request = Read<control::v1::ListCallsRequest>(
      "GET",
      "/api/calls?pageSize=7&statuses=CALL_STATUS_BUSY&statuses=CALL_STATUS_FAILED&to=%2B1555&"
      "startedAfter=2026-03-03T09:00:00Z&direction=CALL_DIRECTION_OUTBOUND");
  EXPECT_EQ(request.page_size(), 7);
  EXPECT_EQ(request.statuses_size(), 2);
  EXPECT_EQ(request.statuses(1), calls::v1::CALL_STATUS_FAILED);
  EXPECT_EQ(request.to(), "+1555");
  EXPECT_EQ(request.started_after().seconds(), 1'772'528'400);
  EXPECT_EQ(Read<recordings::v1::ListRecordingsRequest>("GET", Concat("/api/calls/", kCall, "/recordings?pageSize=2"))
                .call_id(),
            kCall);
}

TEST(TranscodingTest, WrongParametersAreRefusedByName) {
  for (const auto& [query, name] : std::map<std::string, std::string>{{"pageSize=many", "pageSize"},
                                                                      {"pageSize=1&pageSize=2", "pageSize"},
                                                                      {"statuses=BUSY", "statuses"},
                                                                      {"startedAfter=yesterday", "startedAfter"},
                                                                      {"colour=red", "colour"},
                                                                      {"to=%FF", "to"},
                                                                      {"=", "no such parameter"}}) {
    EXPECT_THAT(Refusal("GET", "/api/calls?" + query), HasSubstr(name)) << query;
  }
  EXPECT_THAT(Refusal("POST", "/api/calls/initiate?to=x"), HasSubstr("query"));
}

TEST(TranscodingTest, AnOlderNameOfAParameterIsItsField) {
  const auto request =
      Read<control::v1::GetActiveChannelsRequest>("GET", "/plivo/get-active-channels?clientId=a&includeCalls=true");
  EXPECT_EQ(request.business_id(), "a");
  EXPECT_TRUE(request.include_calls());
  EXPECT_NE(Refusal("GET", "/api/channels?clientId=a"), "taken");
}

TEST(TranscodingTest, ACampaignIsChangedByItsMask) {
  const auto request = Read<campaigns::v1::UpdateCampaignRequest>(
      "PATCH", "/api/campaigns/c", R"({"updateMask":"settings.pacing","settings":{"pacing":{"callsPerSecond":5}}})");
  EXPECT_EQ(request.campaign_id(), "c");
  EXPECT_EQ(request.update_mask().paths(0), "settings.pacing");
  EXPECT_EQ(request.settings().pacing().calls_per_second(), 5);
}

TEST(TranscodingTest, AnIdempotencyKeyIsTheRequestId) {
  EXPECT_EQ(Read<control::v1::InitiateCallRequest>("POST", "/api/calls/initiate", "{}", "key").request_id(), "key");
  EXPECT_THAT(Refusal("POST", "/api/calls/initiate", R"({"requestId":"other"})", "key"), HasSubstr("requestId"));
  // A method that has none passes it over.
  EXPECT_EQ(Read<control::v1::EndCallRequest>("POST", "/telephony-gateway/end", R"({"callId":"c"})", "key").call_id(),
            "c");
}

TEST(TranscodingTest, AnswersHaveAllOfTheirPlainFields) {
  const Route& route = *MatchRoute("GET", "/api/calls").route;
  EXPECT_EQ(*JsonOf(route, ""), R"({"calls":[],"nextPageToken":""})");
  EXPECT_EQ(JsonOf(route, "\xff").status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace trunkline::gateway
