// Handlers that fail, and clients that do not wait for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "libs/http/server.h"
#include "libs/http/test_server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using ::testing::HasSubstr;

TEST(ServerHandlerTest, ResponderThatIsDroppedAnswers500) {
  auto server = StartServer({}, [](const Request&, const Responder&) {});
  TestSocket client = TestSocket::Connect(server->port());
  for (int i = 0; i < 2; ++i) {
    client.Send(kGet);
    const Response response = client.ReadResponse();
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr("\"INTERNAL\""));
  }
}

TEST(ServerHandlerTest, ResponderThatIsOverwrittenAnswers500) {
  std::optional<Responder> kept;
  auto server = StartServer({}, [&kept](const Request&, Responder respond) {
    if (kept) {
      *kept = std::move(respond);
    } else {
      kept.emplace(std::move(respond));
    }
  });
  TestSocket first = TestSocket::Connect(server->port());
  first.Send(kGet);
  TestSocket second = TestSocket::Connect(server->port());
  second.Send(kGet);
  EXPECT_EQ(first.ReadResponse().status, 500);
  server.reset();
}

TEST(ServerHandlerTest, HandlerThatThrowsAnswers500AndTheConnectionGoesOn) {
  auto server = StartServer({}, [](const Request& request, Responder respond) {
    if (request.target == "/throw") throw std::runtime_error("no");
    // NOLINTNEXTLINE(bugprone-std-exception-baseclass): some libraries throw such things, and no handler may end the
    // server.
    if (request.target == "/throw-int") throw 7;
    respond.Send({.status = 200, .body = "fine"});
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("GET /throw HTTP/1.1\r\n\r\nGET /throw-int HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 500);
  EXPECT_EQ(client.ReadResponse().status, 500);
  EXPECT_EQ(client.ReadResponse().body, "fine");
}

TEST(ServerHandlerTest, FirstAnswerCountsWhenTheHandlerThrowsLater) {
  std::optional<Responder> kept;
  auto server = StartServer({}, [&kept](const Request& request, Responder respond) {
    if (request.target == "/keep") {
      kept.emplace(std::move(respond));
      throw std::runtime_error("no");
    }
    respond.Send({.status = 200, .body = "fine"});
    throw std::runtime_error("too late");
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  EXPECT_EQ(client.ReadResponse().body, "fine");
  client.Send("GET /keep HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 500);
  kept->Send({.status = 200, .body = "too late"});
  client.Send(kGet);
  EXPECT_EQ(client.ReadResponse().body, "fine");
}

TEST(ServerHandlerTest, AbortedExchangeClosesTheConnection) {
  Desk desk;
  auto server = StartServer({}, [&desk](Request request, Responder respond) {
    if (request.target == "/here") {
      respond.Abort();
    } else {
      desk.handler()(std::move(request), std::move(respond));
    }
  });
  TestSocket here = TestSocket::Connect(server->port());
  here.Send("GET /here HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(here.AtEnd());
  TestSocket elsewhere = TestSocket::Connect(server->port());
  elsewhere.Send(kGet);
  desk.Take().second.Abort();
  EXPECT_TRUE(elsewhere.AtEnd());
}

TEST(ServerHandlerTest, AnswerForAClientThatHasGoneIsThrownAway) {
  Desk desk;
  auto server = StartServer({}, desk.handler());
  {
    TestSocket client = TestSocket::Connect(server->port());
    client.Send(kGet);
    auto [request, respond] = desk.Take();
    client.ResetOnClose();
    client.Close();
    respond.Send({.status = 200, .body = std::string(1 << 20, 'x')});
  }
  TestSocket other = TestSocket::Connect(server->port());
  other.Send(kGet);
  desk.Take().second.Send({.status = 200, .body = "alive"});
  EXPECT_EQ(other.ReadResponse().body, "alive");
}

}  // namespace
}  // namespace trunkline::http
