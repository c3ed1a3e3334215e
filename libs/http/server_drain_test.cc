// How a server ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "libs/http/server.h"
#include "libs/http/test_server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using ::testing::HasSubstr;

TEST(ServerDrainTest, DrainAnswersWhatIsInFlightAndClosesTheRest) {
  Desk desk;
  // One loop, so that the idle connection's end shows that the busy one's loop drains too.
  auto server = StartServer({.threads = 1}, desk.handler());
  TestSocket idle = TestSocket::Connect(server->port());
  TestSocket busy = TestSocket::Connect(server->port());
  busy.Send(kGet);
  auto [request, respond] = desk.Take();
  std::thread drain([&server] { server->Drain(absl::Seconds(10)); });
  EXPECT_TRUE(idle.AtEnd());
  respond.Send({.status = 200, .body = "in time"});
  const Response response = busy.ReadResponse();
  EXPECT_EQ(response.body, "in time");
  EXPECT_EQ(FindHeader(response.headers, "connection"), "close");
  EXPECT_TRUE(busy.AtEnd());
  drain.join();
  TestSocket late = TestSocket::Connect(server->port());
  EXPECT_FALSE(late.Send(kGet));
}

TEST(ServerDrainTest, DrainWaitsForARequestThatIsHalfRead) {
  auto server = StartServer({}, Echo);
  TestSocket witness = TestSocket::Connect(server->port());
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_THAT(client.ReadHead(), HasSubstr("100 Continue"));
  std::thread drain([&server] { server->Drain(absl::Seconds(10)); });
  EXPECT_TRUE(witness.AtEnd());
  client.Send("done");
  EXPECT_EQ(client.ReadResponse().body, "done");
  drain.join();
}

TEST(ServerDrainTest, DrainGivesUpAtItsLimitAndLateAnswersDoNothing) {
  Desk desk;
  auto server = StartServer({}, desk.handler());
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  auto [request, respond] = desk.Take();
  server->Drain(absl::Milliseconds(10));
  EXPECT_TRUE(client.AtEnd());
  respond.Send({.status = 200, .body = "too late"});
}

TEST(ServerDrainTest, ResponderMayOutliveTheServer) {
  Desk desk;
  auto server = StartServer({}, desk.handler());
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  auto [request, respond] = desk.Take();
  server.reset();
  respond.Send({.status = 200, .body = "too late"});
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerDrainTest, DrainTwiceIsDrainOnce) {
  auto server = StartServer({}, Echo);
  server->Drain(absl::Seconds(1));
  server->Drain(absl::Seconds(1));
}

}  // namespace
}  // namespace trunkline::http
