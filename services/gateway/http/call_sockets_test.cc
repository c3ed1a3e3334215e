// Watches over WebSockets: against the database, the hub and a real port.
#include "services/gateway/http/call_sockets.h"

#include <gmock/gmock.h>

#include <future>

#include "libs/access/api_key_authenticator.h"
#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/http/server.h"
#include "libs/http/test_socket.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using nlohmann::json;
using ::testing::StartsWith;

class CallSocketsTest : public GatewayFixture {
 protected:
  CallSocketsTest() {
    for (const char* business : {kOurs, kTheirs}) {
      Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", NewId(), "', '",
                 business, "', 'test', decode('", HexEncode(Sha256(KeyOf(business))), "', 'hex'))"));
    }
  }
  ~CallSocketsTest() override {
    hub_.Close();
    server_.reset();
  }

  static std::string KeyOf(const std::string& business) { return "tl_" + std::string(43, business.back()); }

  // What a watch comes to before there is a socket.
  absl::Status Refusal(const std::string& key, const std::vector<std::string>& call_ids) {
    std::promise<absl::Status> answered;
    sockets_.Open(QuestionOf(key, call_ids), [&](const auto& socket) { answered.set_value(socket.status()); });
    return answered.get_future().get();
  }
  static CallSockets::Question QuestionOf(const std::string& key, const std::vector<std::string>& call_ids) {
    CallSockets::Question question{.key = key};
    for (const std::string& call_id : call_ids) question.watch.add_call_ids(call_id);
    return question;
  }
  // A client that is through the handshake.
  http::TestSocket Connect(const std::string& key, const std::vector<std::string>& call_ids = {}) {
    question_ = QuestionOf(key, call_ids);
    http::TestSocket client = http::TestSocket::Connect(server_->port());
    client.Send(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_THAT(client.ReadHead(), StartsWith("HTTP/1.1 101 "));
    return client;
  }
  // The payload of the next frame, with its code in front when it is a close.
  static std::string NextText(http::TestSocket& client) {
    const std::string head = client.ReadBytes(2);
    size_t size = static_cast<uint8_t>(head[1]);
    if (size >= 126) {
      const std::string digits = client.ReadBytes(size == 126 ? 2 : 8);
      size = 0;
      for (const char digit : digits) size = size << 8 | static_cast<uint8_t>(digit);
    }
    const std::string payload = client.ReadBytes(size);
    if (static_cast<uint8_t>(head[0]) != 0x88) return payload;
    return Concat(static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]), " ", payload.substr(2));
  }
  static json Next(http::TestSocket& client) { return ParseJson(NextText(client)); }
  // With the mask of zeros that a test may use.
  static void SendText(http::TestSocket& client, const std::string& text) {
    client.Send(Concat("\x81", static_cast<char>(0x80 | text.size()), std::string(4, '\0'), text));
  }
  static events::v1::CallEvent Event(const std::string& business, const std::string& call_id) {
    events::v1::CallEvent event;
    event.set_event_id(NewId());
    event.set_business_id(business);
    event.set_call_id(call_id);
    event.set_type(events::v1::CALL_EVENT_TYPE_RINGING);
    return event;
  }
  std::string Placed() {
    const auto call = Place(Request());
    EXPECT_TRUE(call.ok()) << call.status();
    return call->record().call_id();
  }

  access::ApiKeyAuthenticator authenticator_{pool_, clock_, {.lifetime = absl::ZeroDuration()}};
  CallEventHub hub_{3, metrics_};
  absl::Status source_;
  std::function<void()> on_find_ = [] {};
  CallSockets sockets_{{.authenticator = authenticator_,
                        .hub = hub_,
                        .find =
                            [this](const std::string& business_id, const std::string& call_id) {
                              on_find_();
                              return reader_.Get(business_id, call_id);
                            },
                        .metrics = metrics_,
                        .clock = clock_,
                        .source = [this] { return source_; },
                        .queue = 4}};
  CallSockets::Question question_;
  std::unique_ptr<http::Server> server_ =
      *http::Server::Start({}, [this](const http::Request& /*request*/, http::Responder respond) {
        const auto shared = std::make_shared<http::Responder>(std::move(respond));
        sockets_.Open(question_, [shared](absl::StatusOr<std::shared_ptr<http::WebSocket>> socket) {
          if (socket.ok()) shared->Upgrade(*std::move(socket));
        });
      });
};

TEST_F(CallSocketsTest, AWatchOfACallBeginsWithTheCallAndThenTellsItsEventsOnly) {
  const std::string call_id = Placed();
  http::TestSocket client = Connect(KeyOf(kOurs), {call_id});
  const json started = Next(client);
  EXPECT_EQ(started.at("type"), "started");
  EXPECT_EQ(started.at("call").at("record").at("callId"), call_id);
  EXPECT_TRUE(started.contains("startedAt"));
  const events::v1::CallEvent event = Event(kOurs, call_id);
  hub_.Publish(Event(kOurs, NewId()));
  hub_.Publish(Event(kTheirs, call_id));
  hub_.Publish(event);
  const json told = Next(client);
  EXPECT_EQ(told.at("type"), "event");
  EXPECT_EQ(told.at("event").at("eventId"), event.event_id());
  EXPECT_EQ(told.at("event").at("type"), "CALL_EVENT_TYPE_RINGING");
}

TEST_F(CallSocketsTest, NothingIsMissedBetweenTheCallAsItIsToldAndTheEvents) {
  const std::string call_id = Placed();
  const events::v1::CallEvent event = Event(kOurs, call_id);
  on_find_ = [&] { hub_.Publish(event); };
  http::TestSocket client = Connect(KeyOf(kOurs), {call_id});
  EXPECT_EQ(Next(client).at("type"), "started");
  EXPECT_EQ(Next(client).at("event").at("eventId"), event.event_id());
}

TEST_F(CallSocketsTest, AWatchOfAllCallsTellsThoseOfTheBusinessOnly) {
  http::TestSocket client = Connect(KeyOf(kOurs));
  EXPECT_FALSE(Next(client).contains("call"));
  const events::v1::CallEvent ours = Event(kOurs, NewId());
  hub_.Publish(Event(kTheirs, NewId()));
  hub_.Publish(ours);
  EXPECT_EQ(Next(client).at("event").at("callId"), ours.call_id());
}

TEST_F(CallSocketsTest, WhoMayNotWatchLearnsWhyAndTakesNoPlace) {
  const std::string call_id = Placed();
  EXPECT_EQ(ReasonOf(Refusal("tl_wrong", {})), Reason::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(Refusal(KeyOf(kTheirs), {call_id})), Reason::REASON_CALL_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Refusal(KeyOf(kOurs), {"no uuid"})), Reason::REASON_INVALID_FIELD);
  source_ = absl::UnavailableError("no Kafka");
  EXPECT_EQ(ReasonOf(Refusal(KeyOf(kOurs), {})), Reason::REASON_DEPENDENCY_UNAVAILABLE);
  source_ = absl::OkStatus();
  std::vector<http::TestSocket> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(Connect(KeyOf(kOurs)));
  EXPECT_EQ(ReasonOf(Refusal(KeyOf(kOurs), {})), Reason::REASON_LIMIT_REACHED);
}

TEST_F(CallSocketsTest, APlaceIsFreeAgainWhenItsClientHasGone) {
  for (int i = 0; i < 20; ++i) {
    http::TestSocket client = Connect(KeyOf(kOurs));
    EXPECT_EQ(Next(client).at("type"), "started");
    client.Send(std::string("\x88\x80\0\0\0\0", 6));
    EXPECT_EQ(NextText(client), "1000 ");
    client.AtEnd();
  }
}

TEST_F(CallSocketsTest, AClientMayPingAndSayNothingElse) {
  http::TestSocket client = Connect(KeyOf(kOurs));
  Next(client);
  SendText(client, R"({"type": "ping"})");
  EXPECT_EQ(NextText(client), R"({"type":"pong"})");
  SendText(client, R"({"type": "end"})");
  EXPECT_EQ(NextText(client), "4400 INVALID_MESSAGE");
}

TEST_F(CallSocketsTest, ARevokedKeyEndsItsWatches) {
  http::TestSocket ours = Connect(KeyOf(kOurs));
  http::TestSocket theirs = Connect(KeyOf(kTheirs));
  Next(ours);
  Next(theirs);
  EXPECT_TRUE(sockets_.CheckKeys().ok());
  Run(Concat("UPDATE api_keys SET revoked_at = now() WHERE business_id = '", kOurs, "'"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(sockets_.CheckKeys().ok());
  EXPECT_EQ(NextText(ours), "4401 UNAUTHENTICATED");
  hub_.Publish(Event(kTheirs, NewId()));
  EXPECT_EQ(Next(theirs).at("type"), "event");
}

TEST_F(CallSocketsTest, AServerThatStopsSaysSo) {
  http::TestSocket client = Connect(KeyOf(kOurs));
  Next(client);
  hub_.Close();
  EXPECT_EQ(NextText(client), "1001 SHUTTING_DOWN");
}

}  // namespace
}  // namespace trunkline::gateway
