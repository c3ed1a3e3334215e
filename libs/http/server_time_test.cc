// How long the server waits for a client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "libs/http/server.h"
#include "libs/http/test_server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ServerTimeTest, HeaderThatDoesNotEndInTimeIsAnswered) {
  auto server = StartServer({.read_timeout = absl::Milliseconds(20)}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("GET / HTT");
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.status, 408);
  EXPECT_THAT(response.body, HasSubstr("REQUEST_TIMEOUT"));
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTimeTest, BodyThatDoesNotEndInTimeIsAnswered) {
  auto server = StartServer({.read_timeout = absl::Milliseconds(20)}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345");
  EXPECT_EQ(client.ReadResponse().status, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTimeTest, ClientThatKeepsDrippingIsCutOff) {
  auto server = StartServer({.read_timeout = absl::Milliseconds(50)}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("GET / HTTP/1.1\r\nX-Slow: ");
  std::promise<void> answered;
  std::thread dripper([&, done = answered.get_future()] {
    while (done.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready && client.Send("a")) {
    }
  });
  EXPECT_EQ(client.ReadResponse().status, 408);
  answered.set_value();
  dripper.join();
}

TEST(ServerTimeTest, IdleConnectionIsClosedWithoutAWord) {
  auto server = StartServer({.idle_timeout = absl::Milliseconds(20)}, Echo);
  TestSocket fresh = TestSocket::Connect(server->port());
  EXPECT_TRUE(fresh.AtEnd());
  TestSocket used = TestSocket::Connect(server->port());
  used.Send(kGet);
  EXPECT_EQ(used.ReadResponse().status, 200);
  EXPECT_TRUE(used.AtEnd());
}

TEST(ServerTimeTest, WaitingForTheHandlerIsNotIdleTime) {
  Desk desk;
  auto server =
      StartServer({.read_timeout = absl::Milliseconds(10), .idle_timeout = absl::Milliseconds(10)}, desk.handler());
  TestSocket waiting = TestSocket::Connect(server->port());
  waiting.Send(kGet);
  auto [request, respond] = desk.Take();
  // By the time that this one is closed, the other has waited for longer than both limits.
  TestSocket idle = TestSocket::Connect(server->port());
  EXPECT_TRUE(idle.AtEnd());
  respond.Send({.status = 202});
  EXPECT_EQ(waiting.ReadResponse().status, 202);
}

TEST(ServerTimeTest, ClientThatDoesNotReadItsAnswerIsCutOff) {
  Answered answered;
  constexpr size_t kSize = 64 << 20;
  ServerOptions options{.write_timeout = absl::Milliseconds(20)};
  options.on_answered = answered.callback();
  auto server = StartServer(options, [](const Request&, Responder respond) {
    respond.Send({.status = 200, .body = std::string(kSize, 'x')});
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  // A first byte: the answer is under way.
  EXPECT_EQ(client.ReadBytes(1), "H");
  server->Drain(absl::Seconds(10));
  EXPECT_LT(client.ReadToEnd().size(), kSize);
  EXPECT_THAT(answered.statuses(), ElementsAre());
}

}  // namespace
}  // namespace trunkline::http
