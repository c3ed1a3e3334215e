// The server's WebSockets, spoken to byte by byte (RFC 6455).
#include "libs/http/web_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "libs/base/text.h"
#include "libs/http/server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The example of RFC 6455, 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

constexpr int kText = 1;
constexpr int kBinary = 2;
constexpr int kCloseFrame = 8;
constexpr int kPing = 9;
constexpr int kPong = 10;

std::string Handshake(std::string_view more = "", std::string_view key = kKey, std::string_view version = "13") {
  return Concat("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n",
                "Sec-WebSocket-Key: ", key, "\r\nSec-WebSocket-Version: ", version, "\r\n", more, "\r\n");
}

struct Frame {
  bool last = false;
  int kind = 0;  // 0 when the connection ended
  std::string payload;

  int CloseCode() const {
    return payload.size() < 2 ? 0 : (static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]));
  }
  std::string Reason() const { return payload.substr(std::min<size_t>(2, payload.size())); }
};

// As a client writes it: with a mask, unless told otherwise.
std::string FrameOf(int kind, std::string_view payload, bool last = true, bool masked = true) {
  std::string bytes(1, static_cast<char>((last ? 0x80 : 0) | kind));
  const auto flag = static_cast<char>(masked ? 0x80 : 0);
  if (payload.size() < 126) {
    bytes.push_back(static_cast<char>(flag | static_cast<char>(payload.size())));
  } else {
    bytes.push_back(static_cast<char>(flag | (payload.size() < 65'536 ? 126 : 127)));
    for (int shift = payload.size() < 65'536 ? 8 : 56; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>(payload.size() >> shift));
    }
  }
  constexpr std::string_view kMaskOfClient = "\x11\x22\x33\x44";
  if (masked) bytes.append(kMaskOfClient);
  for (size_t i = 0; i < payload.size(); ++i) {
    bytes.push_back(static_cast<char>(masked ? payload[i] ^ kMaskOfClient[i % 4] : payload[i]));
  }
  return bytes;
}

std::string CloseWith(int code, std::string_view reason = "") {
  return FrameOf(kCloseFrame, Concat(static_cast<char>(code >> 8), static_cast<char>(code & 0xff), reason));
}

Frame ReadFrame(TestSocket& client) {
  const std::string head = client.ReadBytes(2);
  if (head.size() < 2) return {};
  size_t size = static_cast<uint8_t>(head[1]) & 0x7f;
  EXPECT_EQ(static_cast<uint8_t>(head[1]) & 0x80, 0) << "servers do not mask";
  if (size >= 126) {
    const std::string digits = client.ReadBytes(size == 126 ? 2 : 8);
    size = 0;
    for (const char digit : digits) size = size << 8 | static_cast<uint8_t>(digit);
  }
  return {.last = (head[0] & 0x80) != 0, .kind = head[0] & 0x0f, .payload = client.ReadBytes(size)};
}

class WebSocketTest : public ::testing::Test {
 protected:
  void StartServer(ServerOptions options = {}) {
    options.on_answered = [this](int status, absl::Duration) { Note(statuses_, status); };
    server_ = *Server::Start(std::move(options), [this](const Request& request, Responder respond) {
      auto socket = std::make_shared<WebSocket>(
          WebSocketOptions{.most_waiting = most_waiting_, .too_slow = "SLOW"},
          WebSocketEvents{.on_text = [this](std::string text) { Note(texts_, std::move(text)); },
                          .on_closed = [this](uint16_t code) { Note(closes_, code); }});
      socket->Send(std::make_shared<const std::string>("hello"));
      Note(sockets_, socket);
      const std::vector<std::string> offered = OfferedSubprotocols(request);
      respond.Upgrade(std::move(socket), offered.empty() ? "" : offered.front());
    });
  }

  // A client whose handshake is done and who was greeted.
  TestSocket Connect() {
    TestSocket client = TestSocket::Connect(server_->port());
    client.Send(Handshake());
    EXPECT_THAT(client.ReadHead(), StartsWith("HTTP/1.1 101 "));
    EXPECT_EQ(ReadFrame(client).payload, "hello");
    return client;
  }

  template <typename T>
  void Note(std::deque<T>& notes, T note) {
    const std::lock_guard lock(mutex_);
    notes.push_back(std::move(note));
    changed_.notify_all();
  }
  // The next of what was noted.
  template <typename T>
  T Take(std::deque<T>& notes) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10), [&] { return !notes.empty(); })) {
      ADD_FAILURE() << "nothing came";
      return T();
    }
    T note = std::move(notes.front());
    notes.pop_front();
    return note;
  }
  Response Ask(const std::string& request) {
    TestSocket client = TestSocket::Connect(server_->port());
    client.Send(request);
    return client.ReadResponse();
  }

  size_t most_waiting_ = 100;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int> statuses_;
  std::deque<std::string> texts_;
  std::deque<uint16_t> closes_;
  std::deque<std::shared_ptr<WebSocket>> sockets_;
  std::unique_ptr<Server> server_;
};

TEST_F(WebSocketTest, AHandshakeIsAnsweredAsInTheRfcAndWhatWasSentBeforeGoesOutFirst) {
  StartServer();
  TestSocket client = TestSocket::Connect(server_->port());
  client.Send(Handshake("Sec-WebSocket-Protocol: one, two\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"));
  const std::string head = client.ReadHead();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(head, HasSubstr(Concat("Sec-WebSocket-Accept: ", kAccept, "\r\n")));
  EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Protocol: one\r\n"));
  EXPECT_THAT(head, ::testing::Not(HasSubstr("permessage-deflate")));
  const Frame greeting = ReadFrame(client);
  EXPECT_EQ(std::make_pair(greeting.kind, greeting.payload), std::make_pair(kText, std::string("hello")));
  EXPECT_EQ(Take(statuses_), 101);
}

TEST_F(WebSocketTest, ABadHandshakeIsAnErrorOfHttp) {
  StartServer();
  const std::vector<std::string> bad = {
      Handshake("", "c2hvcnQ="),                               // not 16 bytes
      Handshake("", "no base64"),                              //
      Handshake(Concat("Sec-WebSocket-Key: ", kKey, "\r\n")),  // twice
      Handshake("", kKey, "8"),                                // an old version
      Handshake("Content-Length: 2\r\n") + "{}",               // a body
      "GET /ws HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      "POST /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 0\r\n\r\n",
      "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n",
      Handshake() + FrameOf(kText, "too early"),
  };
  for (const std::string& request : bad) {
    const Response response = Ask(request);
    EXPECT_EQ(response.status, 400) << request;
    EXPECT_THAT(response.body, HasSubstr("BAD_HANDSHAKE")) << request;
    EXPECT_EQ(Take(closes_), kConnectionLost);
  }
}

TEST_F(WebSocketTest, AHandlerCanTellWhatIsWrongWithAHandshake) {
  const auto fault = [](Headers headers) {
    headers.emplace_back("host", "a");
    headers.emplace_back("upgrade", "h2c, WebSocket");
    return HandshakeFault({.method = "GET", .headers = std::move(headers)});
  };
  const std::string key(kKey);
  EXPECT_FALSE(
      fault({{"connection", "upgrade"}, {"sec-websocket-key", key}, {"sec-websocket-version", "13"}}).has_value());
  const auto old = fault({{"connection", "upgrade"}, {"sec-websocket-key", key}, {"sec-websocket-version", "8"}});
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(old->status, 426);
  EXPECT_EQ(FindHeader(old->headers, "sec-websocket-version"), "13");
  const auto plain = fault({{"sec-websocket-key", key}, {"sec-websocket-version", "13"}});
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->status, 426);
  EXPECT_EQ(FindHeader(plain->headers, "upgrade"), "websocket");
}

TEST_F(WebSocketTest, SubprotocolsMayComeInSeveralHeaders) {
  const Request request{.headers = {{"sec-websocket-protocol", "a , b"}, {"sec-websocket-protocol", "c,,"}}};
  EXPECT_THAT(OfferedSubprotocols(request), ElementsAre("a", "b", "c"));
}

TEST_F(WebSocketTest, TextsGoBothWaysInOrderAndOfAnySize) {
  StartServer();
  TestSocket client = Connect();
  const auto socket = Take(sockets_);
  for (const size_t size : {0u, 125u, 126u, 65'535u, 65'536u}) {
    const std::string text(size, 'x');
    client.Send(FrameOf(kText, text));
    EXPECT_EQ(Take(texts_), text);
    socket->Send(std::make_shared<const std::string>(text));
    const Frame frame = ReadFrame(client);
    EXPECT_EQ(frame.payload, text);
    EXPECT_TRUE(frame.last);
  }
  std::thread other([&] {
    for (int i = 0; i < 50; ++i) socket->Send(std::make_shared<const std::string>(Concat(i)));
  });
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ReadFrame(client).payload, Concat(i));
  other.join();
}

TEST_F(WebSocketTest, APieceByPieceMessageIsOneAndControlFramesMayComeBetween) {
  StartServer();
  TestSocket client = Connect();
  client.Send(FrameOf(kText, "one ", /*last=*/false));
  client.Send(FrameOf(kPing, "there?"));
  client.Send(FrameOf(0, "message", /*last=*/true));
  EXPECT_EQ(Take(texts_), "one message");
  const Frame pong = ReadFrame(client);
  EXPECT_EQ(std::make_pair(pong.kind, pong.payload), std::make_pair(kPong, std::string("there?")));
}

// What breaks the protocol, and the code with which the server leaves.
struct Breach {
  std::string what;
  std::string bytes;
  int code;
};

TEST_F(WebSocketTest, WhatBreaksTheProtocolIsClosedWithItsCode) {
  StartServer({.web_socket = {.max_message_bytes = 1000}});
  const std::vector<Breach> breaches = {
      {"no mask", FrameOf(kText, "x", true, /*masked=*/false), kProtocolError},
      {"a reserved bit", std::string("\xc1\x80\x11\x22\x33\x44", 6), kProtocolError},
      {"an unknown kind", FrameOf(3, ""), kProtocolError},
      {"a continuation of nothing", FrameOf(0, "x"), kProtocolError},
      {"a ping in pieces", FrameOf(kPing, "x", /*last=*/false), kProtocolError},
      {"a ping that is too long", FrameOf(kPing, std::string(126, 'x')), kProtocolError},
      {"no UTF-8", FrameOf(kText, "\xff\xfe"), kInvalidText},
      {"binary", FrameOf(kBinary, "x"), kUnsupportedData},
      {"too large", FrameOf(kText, std::string(1001, 'x')), kMessageTooBig},
      {"too large in pieces", FrameOf(kText, std::string(600, 'x'), false) + FrameOf(0, std::string(600, 'x')),
       kMessageTooBig},
  };
  for (const Breach& breach : breaches) {
    TestSocket client = Connect();
    client.Send(breach.bytes);
    const Frame frame = ReadFrame(client);
    EXPECT_EQ(frame.kind, kCloseFrame) << breach.what;
    EXPECT_EQ(frame.CloseCode(), breach.code) << breach.what;
    client.Send(CloseWith(breach.code));
    EXPECT_TRUE(client.AtEnd()) << breach.what;
    EXPECT_EQ(Take(closes_), breach.code) << breach.what;
  }
  EXPECT_TRUE(texts_.empty());
}

TEST_F(WebSocketTest, AClientThatLeavesIsAnsweredAndItsCodeIsTold) {
  StartServer();
  TestSocket client = Connect();
  client.Send(CloseWith(4321, "bye"));
  EXPECT_EQ(ReadFrame(client).CloseCode(), 4321);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(Take(closes_), 4321);
  TestSocket rude = Connect();
  rude.ResetOnClose();
  rude.Close();
  EXPECT_EQ(Take(closes_), kConnectionLost);
}

TEST_F(WebSocketTest, AServerThatClosesTellsCodeAndReasonAndSendsNothingMore) {
  StartServer();
  TestSocket client = Connect();
  const auto socket = Take(sockets_);
  socket->Close(4400, "WRONG");
  socket->Close(4401, "the second close counts for nothing");
  socket->Send(std::make_shared<const std::string>("late"));
  const Frame frame = ReadFrame(client);
  EXPECT_EQ(frame.CloseCode(), 4400);
  EXPECT_EQ(frame.Reason(), "WRONG");
  client.Send(CloseWith(4400));
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(Take(closes_), 4400);
}

TEST_F(WebSocketTest, AClientThatReadsTooSlowlyIsClosedAndCostsNoMemory) {
  most_waiting_ = 10;
  StartServer();
  TestSocket client = Connect();
  const auto socket = Take(sockets_);
  // More than the sockets' buffers take.
  const auto text = std::make_shared<const std::string>(1'000'000, 'x');
  for (int i = 0; i < 40; ++i) socket->Send(text);
  EXPECT_LE(text.use_count(), 2 + 10);
  // What was under way comes, then the close.
  Frame frame = ReadFrame(client);
  while (frame.kind == kText) frame = ReadFrame(client);
  EXPECT_EQ(frame.CloseCode(), kTryAgainLater);
  EXPECT_EQ(frame.Reason(), "SLOW");
  client.Send(CloseWith(kTryAgainLater));
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(Take(closes_), kTryAgainLater);
}

TEST_F(WebSocketTest, ASilentClientIsPingedAndGivenUpWhenItDoesNotAnswer) {
  StartServer({.web_socket = {.idle_timeout = absl::Milliseconds(200)}});
  TestSocket client = Connect();
  for (int i = 0; i < 3; ++i) {
    const Frame ping = ReadFrame(client);
    EXPECT_EQ(ping.kind, kPing);
    client.Send(FrameOf(kPong, ping.payload));
  }
  EXPECT_EQ(ReadFrame(client).kind, kPing);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(Take(closes_), kConnectionLost);
}

TEST_F(WebSocketTest, ThereAreOnlySoManyAndAPlaceComesBack) {
  StartServer({.web_socket = {.most = 1}});
  {
    TestSocket client = Connect();
    const Response response = Ask(Handshake());
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr("TOO_MANY_WEB_SOCKETS"));
    EXPECT_EQ(Take(closes_), kConnectionLost);
  }
  EXPECT_EQ(Take(closes_), kConnectionLost);
  Connect();
}

TEST_F(WebSocketTest, ADrainAsksClientsToLeaveAndWaitsForThem) {
  StartServer();
  TestSocket client = Connect();
  auto drained = std::async(std::launch::async, [this] { server_->Drain(absl::Seconds(10)); });
  const Frame frame = ReadFrame(client);
  EXPECT_EQ(frame.CloseCode(), kGoingAway);
  EXPECT_EQ(frame.Reason(), "SHUTTING_DOWN");
  client.Send(CloseWith(kGoingAway));
  EXPECT_TRUE(client.AtEnd());
  drained.get();
  EXPECT_EQ(Take(closes_), kGoingAway);
}

TEST_F(WebSocketTest, AServerThatEndsAtOnceTellsEverySocketAndSocketsOutliveIt) {
  StartServer({.threads = 3});
  std::vector<TestSocket> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(Connect());
  server_.reset();
  for (int i = 0; i < 6; ++i) Take(closes_);
  for (const auto& socket : sockets_) socket->Send(std::make_shared<const std::string>("nobody"));
  for (TestSocket& client : clients) {
    while (ReadFrame(client).kind != 0) {
    }
  }
}

TEST_F(WebSocketTest, ARequestMayBeUpgradedLaterAndFromAnotherThread) {
  std::promise<Responder> waiting;
  server_ = *Server::Start({}, [&](const Request&, Responder respond) { waiting.set_value(std::move(respond)); });
  TestSocket client = TestSocket::Connect(server_->port());
  client.Send(Handshake());
  Responder respond = waiting.get_future().get();
  auto socket = std::make_shared<WebSocket>(WebSocketOptions{}, WebSocketEvents{});
  respond.Upgrade(socket);
  EXPECT_THAT(client.ReadHead(), StartsWith("HTTP/1.1 101 "));
  socket->Send(std::make_shared<const std::string>("later"));
  EXPECT_EQ(ReadFrame(client).payload, "later");
}

TEST_F(WebSocketTest, AnUpgradeOfAServerThatIsGoneEnds) {
  std::promise<Responder> waiting;
  server_ = *Server::Start({}, [&](const Request&, Responder respond) { waiting.set_value(std::move(respond)); });
  TestSocket client = TestSocket::Connect(server_->port());
  client.Send(Handshake());
  Responder respond = waiting.get_future().get();
  server_.reset();
  respond.Upgrade(std::make_shared<WebSocket>(
      WebSocketOptions{}, WebSocketEvents{.on_closed = [this](uint16_t code) { Note(closes_, code); }}));
  EXPECT_EQ(Take(closes_), kConnectionLost);
}

}  // namespace
}  // namespace trunkline::http
