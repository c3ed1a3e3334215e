// The HTTP API over a real port, with methods and recordings that the test plays.
#include "services/gateway/http/http_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/http/test_socket.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HttpApiTest : public ::testing::Test {
 protected:
  http::Response Send(http::ClientRequest request) {
    request.url = Concat("http://127.0.0.1:", server_->port(), request.url);
    const auto response = client_.Send(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::Response{.status = 0});
  }
  http::Response Post(const std::string& path, const std::string& body, http::Headers headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return Send({.method = "POST", .url = path, .headers = std::move(headers), .body = body});
  }
  static std::string CodeOf(const http::Response& response) { return ParseJson(response.body).at("error").at("code"); }

  std::vector<rpc::InProcessCall> asked_;
  absl::StatusOr<std::string> answer_ = std::string();
  absl::Status media_;
  std::string fetched_;
  WorkQueue fetching_{1, 1};
  CampaignFiles campaign_files_{""};
  WorkQueue moving_files_{1, 1};
  absl::StatusOr<std::shared_ptr<http::WebSocket>> socket_ =
      std::make_shared<http::WebSocket>(http::WebSocketOptions{}, http::WebSocketEvents{});
  std::vector<CallSockets::Question> watched_;
  HttpApi api_{{.ask =
                    [this](const rpc::InProcessCall& call, const rpc::InProcessClient::Done& done) {
                      asked_.push_back(call);
                      done(answer_);
                    },
                .campaign_files = campaign_files_,
                .moving_files = moving_files_,
                .fetch =
                    [this](const std::string& recording_id, std::string_view query, std::string_view /*range*/,
                           providers::MediaSink& sink) {
                      fetched_ = Concat(recording_id, "?", query);
                      if (media_.ok() && sink.Begin({.content_type = "audio/wav", .bytes = 4})) sink.Write("RIFF");
                      return media_;
                    },
                .fetching = fetching_,
                .watch =
                    [this](const CallSockets::Question& question, const CallSockets::Done& done) {
                      watched_.push_back(question);
                      done(socket_);
                    },
                .origins = {"https://console.example.com"}}};
  std::unique_ptr<http::Server> server_ = *http::Server::Start(
      {.max_body_bytes = 1000},
      [this](http::Request request, http::Responder respond) { api_.Handle(std::move(request), std::move(respond)); });
  http::Client client_{{}};
};

TEST_F(HttpApiTest, ARequestReachesItsMethodWithItsKeyAndTrace) {
  control::v1::EndCallResponse ended;
  ended.mutable_call()->mutable_record()->set_call_id("c");
  answer_ = ended.SerializeAsString();
  const http::Response response = Post("/telephony-gateway/end", R"({"callId":"c"})",
                                       {{"Authorization", "Bearer tl_key"}, {"Traceparent", "00-1-2-01"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(ParseJson(response.body).at("call").at("record").at("callId"), "c");
  EXPECT_EQ(http::FindHeader(response.headers, "content-type"), "application/json");
  EXPECT_EQ(http::FindHeader(response.headers, "cache-control"), "no-store");
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].method, "trunkline.control.v1.CallControlService/EndCall");
  EXPECT_EQ(asked_[0].authorization, "Bearer tl_key");
  EXPECT_EQ(asked_[0].traceparent, "00-1-2-01");
  control::v1::EndCallRequest request;
  ASSERT_TRUE(request.ParseFromString(asked_[0].request));
  EXPECT_EQ(request.call_id(), "c");
}

TEST_F(HttpApiTest, AnErrorOfTheMethodIsTheAnswer) {
  answer_ = WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_PROVIDER_UNAVAILABLE, "away"),
                           absl::Seconds(2));
  const http::Response response = Send({.url = "/api/calls/c"});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(CodeOf(response), "UNAVAILABLE");
  EXPECT_EQ(http::FindHeader(response.headers, "retry-after"), "2");
}

TEST_F(HttpApiTest, WhatDoesNotFitAskesNoMethod) {
  EXPECT_EQ(Send({.url = "/nowhere"}).status, 404);
  const http::Response wrong_method = Send({.method = "PUT", .url = "/api/calls/initiate"});
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_EQ(http::FindHeader(wrong_method.headers, "allow"), "POST");
  EXPECT_EQ(Send({.method = "POST",
                  .url = "/api/calls/initiate",
                  .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                  .body = "to=1"})
                .status,
            415);
  EXPECT_EQ(Post("/api/calls/initiate", "{").status, 400);
  EXPECT_EQ(Post("/api/calls/initiate", std::string(2000, ' ')).status, 413);
  EXPECT_EQ(Send({.method = "DELETE",
                  .url = "/api/recordings/r",
                  .headers = {{"Content-Type", "application/json"}},
                  .body = "{}"})
                .status,
            400);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(HttpApiTest, SoundIsSentForALink) {
  const http::Response response =
      Send({.url = "/api/recordings/r/media?signature=s", .headers = {{"Range", "bytes=1-2"}}});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "IF");
  EXPECT_EQ(fetched_, "r?signature=s");
  media_ = Error(absl::StatusCode::kPermissionDenied, Reason::REASON_INVALID_LINK, "over");
  EXPECT_EQ(Send({.url = "/api/recordings/r/media"}).status, 403);
  media_ = absl::InternalError("postgresql://secret@host");
  const http::Response fault = Send({.url = "/api/recordings/r/media"});
  EXPECT_EQ(fault.status, 500);
  EXPECT_EQ(fault.body.find("secret"), std::string::npos) << fault.body;
}

TEST_F(HttpApiTest, OnlyPagesOfKnownOriginsMayAsk) {
  const auto ask = [&](const std::string& origin) {
    return Send({.method = "OPTIONS",
                 .url = "/api/calls",
                 .headers = {{"Origin", origin}, {"Access-Control-Request-Method", "GET"}}});
  };
  const http::Response allowed = ask("https://console.example.com");
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(http::FindHeader(allowed.headers, "access-control-allow-origin"), "https://console.example.com");
  EXPECT_EQ(http::FindHeader(allowed.headers, "access-control-allow-methods"), "GET, HEAD");
  const http::Response refused = ask("https://evil.example.com");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(http::FindHeader(refused.headers, "access-control-allow-origin"), "");
  const http::Response error = Send({.url = "/nowhere", .headers = {{"Origin", "https://console.example.com"}}});
  EXPECT_EQ(http::FindHeader(error.headers, "access-control-allow-origin"), "https://console.example.com");
  EXPECT_EQ(http::FindHeader(Send({.url = "/openapi.json"}).headers, "access-control-allow-origin"), "");
}

// A request for a WebSocket, up to the answer's header.
http::Headers SocketHeaders(http::Headers more = {}) {
  http::Headers headers = {{"Connection", "Upgrade"},
                           {"Upgrade", "websocket"},
                           {"Sec-WebSocket-Version", "13"},
                           {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

TEST_F(HttpApiTest, AWatchIsOfTheCallOfThePathOrOfTheFiltersOfTheQuery) {
  const auto open = [this](const std::string& path, const http::Headers& headers) {
    http::TestSocket client = http::TestSocket::Connect(server_->port());
    std::string request = Concat("GET ", path, " HTTP/1.1\r\nHost: a\r\n");
    for (const auto& [name, value] : headers) request += Concat(name, ": ", value, "\r\n");
    client.Send(request + "\r\n");
    return client.ReadHead();
  };
  const std::string head =
      open("/ws/calls/0190b2c3-0000-7000-8000-000000000001", SocketHeaders({{"Authorization", "bearer tl_key"}}));
  EXPECT_THAT(head, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(head, Not(HasSubstr("Sec-WebSocket-Protocol")));
  ASSERT_EQ(watched_.size(), 1u);
  EXPECT_EQ(watched_[0].key, "tl_key");
  EXPECT_EQ(watched_[0].watch.call_ids(0), "0190b2c3-0000-7000-8000-000000000001");
  socket_ = std::make_shared<http::WebSocket>(http::WebSocketOptions{}, http::WebSocketEvents{});
  EXPECT_THAT(open("/ws/calls?campaignId=c&types=CALL_EVENT_TYPE_ENDED",
                   SocketHeaders({{"Origin", "https://console.example.com"},
                                  {"Sec-WebSocket-Protocol", "trunkline.v1, bearer.tl_key2"}})),
              AllOf(StartsWith("HTTP/1.1 101 "), HasSubstr("Sec-WebSocket-Protocol: trunkline.v1\r\n")));
  ASSERT_EQ(watched_.size(), 2u);
  EXPECT_EQ(watched_[1].key, "tl_key2");
  EXPECT_EQ(watched_[1].watch.campaign_id(), "c");
  EXPECT_EQ(watched_[1].watch.types(0), events::v1::CALL_EVENT_TYPE_ENDED);
}

TEST_F(HttpApiTest, WhatIsNoRequestForAWatchIsAnErrorOfHttp) {
  EXPECT_EQ(Send({.url = "/ws/calls"}).status, 426);
  EXPECT_EQ(Send({.url = "/ws/calls", .headers = SocketHeaders({{"Sec-WebSocket-Version", "8"}})}).status,
            426);  // twice
  const http::Response evil =
      Send({.url = "/ws/calls", .headers = SocketHeaders({{"Origin", "https://evil.example.com"}})});
  EXPECT_EQ(evil.status, 403);
  EXPECT_EQ(CodeOf(evil), "ORIGIN_NOT_ALLOWED");
  EXPECT_EQ(Send({.url = "/ws/calls", .headers = SocketHeaders({{"Sec-WebSocket-Protocol", "graphql-ws"}})}).status,
            400);
  EXPECT_EQ(Send({.url = "/ws/calls?callId=x", .headers = SocketHeaders()}).status, 400);
  EXPECT_EQ(Send({.url = "/ws/calls/x?callIds=y", .headers = SocketHeaders()}).status, 400);
  EXPECT_TRUE(watched_.empty());
  socket_ = Error(absl::StatusCode::kNotFound, Reason::REASON_CALL_NOT_FOUND, "no such call");
  const http::Response unknown = Send({.url = "/ws/calls/x", .headers = SocketHeaders()});
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(CodeOf(unknown), "NOT_FOUND");
}

TEST_F(HttpApiTest, TheDocumentNeedsNoKey) {
  const http::Response response = Send({.url = "/openapi.json"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(ParseJson(response.body).at("openapi"), "3.1.0");
}

}  // namespace
}  // namespace trunkline::gateway
