#include "libs/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/text.h"
#include "libs/http/test_server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ServerTest, HandlerSeesTheRequestAsItWasSent) {
  std::promise<Request> seen;
  auto server = StartServer({}, [&seen](Request request, Responder respond) {
    seen.set_value(std::move(request));
    respond.Send({.status = 201, .headers = {{"X-Answer", "yes"}}, .body = "made"});
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("POST /a%20b?x=%2B HTTP/1.1\r\nHost: a\r\nX-MiXed-Name:  two words \r\nContent-Length: 3\r\n\r\na\0b"s);
  const Request request = seen.get_future().get();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a%20b?x=%2B");
  EXPECT_EQ(request.Header("x-mixed-name"), "two words");
  EXPECT_EQ(request.headers[1].first, "x-mixed-name");
  EXPECT_EQ(request.body, "a\0b"s);
  EXPECT_EQ(request.peer_address, "127.0.0.1");
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "made");
  EXPECT_EQ(FindHeader(response.headers, "x-answer"), "yes");
  EXPECT_THAT(FindHeader(response.headers, "date"), HasSubstr(" GMT"));
}

TEST(ServerTest, DateOfAHandlerIsTheOnlyOne) {
  constexpr char kDate[] = "Mon, 02 Mar 2026 14:00:00 GMT";
  auto server = StartServer({}, [&](Request, Responder respond) { respond.Send({.headers = {{"Date", kDate}}}); });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(Post("a"));
  const Response response = client.ReadResponse();
  EXPECT_EQ(FindHeader(response.headers, "date"), kDate);
  EXPECT_EQ(std::count_if(response.headers.begin(), response.headers.end(),
                          [](const auto& header) { return header.first == "date" || header.first == "Date"; }),
            1);
}

TEST(ServerTest, ConnectionServesManyRequests) {
  auto server = StartServer({}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  for (int i = 0; i < 100; ++i) {
    client.Send(Post(Concat("body ", i)));
    EXPECT_EQ(client.ReadResponse().body, Concat("body ", i));
  }
}

TEST(ServerTest, RequestInManyPiecesIsOneRequest) {
  auto server = StartServer({}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  for (const char c : Post("abc")) client.Send(std::string(1, c));
  EXPECT_EQ(client.ReadResponse().body, "abc");
}

TEST(ServerTest, LargeBodiesGoBothWays) {
  auto server = StartServer({.max_body_bytes = 16 << 20}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  const std::string body(8 << 20, 'x');
  std::thread sender([&] { client.Send(Post(body)); });
  sender.join();
  EXPECT_EQ(client.ReadResponse().body, body);
  client.Send(Post("after"));
  EXPECT_EQ(client.ReadResponse().body, "after");
}

TEST(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  auto server = StartServer({}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  std::string all;
  for (int i = 0; i < 5000; ++i) all += Post(Concat(i));
  std::thread sender([&] { client.Send(all); });
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(client.ReadResponse().body, Concat(i));
  sender.join();
}

TEST(ServerTest, PipelinedRequestWaitsForTheAnswerBeforeIt) {
  Desk desk;
  auto server = StartServer({}, desk.handler());
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(Post("first") + Post("second"));
  auto [first, respond_first] = desk.Take();
  EXPECT_EQ(first.body, "first");
  respond_first.Send({.status = 200, .body = "1"});
  auto [second, respond_second] = desk.Take();
  EXPECT_EQ(second.body, "second");
  respond_second.Send({.status = 200, .body = "2"});
  EXPECT_EQ(client.ReadResponse().body, "1");
  EXPECT_EQ(client.ReadResponse().body, "2");
}

TEST(ServerTest, AnswersComeFromAnyThread) {
  std::mutex mutex;
  std::vector<std::thread> workers;
  auto server = StartServer({.threads = 2}, [&](Request request, Responder respond) {
    const std::lock_guard lock(mutex);
    workers.emplace_back([body = std::move(request.body), responder = std::move(respond)]() mutable {
      responder.Send({.status = 200, .body = body});
    });
  });
  std::vector<TestSocket> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(TestSocket::Connect(server->port()));
  for (int round = 0; round < 20; ++round) {
    for (size_t i = 0; i < clients.size(); ++i) clients[i].Send(Post(Concat(round, "-", i)));
    for (size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(clients[i].ReadResponse().body, Concat(round, "-", i));
  }
  server.reset();
  for (std::thread& worker : workers) worker.join();
}

TEST(ServerTest, ManyThreadsServeManyConnections) {
  auto server = StartServer({.threads = 4}, Echo);
  std::vector<std::thread> clients;
  for (int i = 0; i < 12; ++i) {
    clients.emplace_back([&server, i] {
      TestSocket client = TestSocket::Connect(server->port());
      for (int round = 0; round < 200; ++round) {
        client.Send(Post(Concat(i, ":", round)));
        ASSERT_EQ(client.ReadResponse().body, Concat(i, ":", round));
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

TEST(ServerTest, ChunkedBodyIsPutTogether) {
  auto server = StartServer({}, [](Request request, Responder respond) {
    respond.Send({.status = 200, .body = Concat(request.body, "|", request.Header("x-trailer"))});
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\n");
  client.Send("X-Trailer: not a header\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "hello world|");
  client.Send(kGet);
  EXPECT_EQ(client.ReadResponse().body, "|");
}

TEST(ServerTest, HeadGetsTheLengthButNoBody) {
  auto server =
      StartServer({}, [](const Request&, Responder respond) { respond.Send({.status = 200, .body = "hello"}); });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(FindHeader(client.ReadResponse(false).headers, "content-length"), "5");
  client.Send(kGet);
  EXPECT_EQ(client.ReadResponse().body, "hello");
}

TEST(ServerTest, NoContentHasNeitherLengthNorBody) {
  auto server =
      StartServer({}, [](const Request&, Responder respond) { respond.Send({.status = 204, .body = "ignored"}); });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  EXPECT_THAT(client.ReadHead(), Not(HasSubstr("Content-Length")));
  client.Send(kGet);
  EXPECT_EQ(client.ReadResponse(false).status, 204);
}

TEST(ServerTest, ClientThatExpectsContinueIsTold) {
  auto server = StartServer({}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadHead(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ok");
  EXPECT_EQ(client.ReadResponse().body, "ok");
}

TEST(ServerTest, ClientThatExpectsContinueForTooMuchIsRefusedAtOnce) {
  auto server = StartServer({.max_body_bytes = 10}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 413);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, ConnectionEndsWhenTheClientWantsIt) {
  auto server = StartServer({}, Echo);
  TestSocket one = TestSocket::Connect(server->port());
  one.Send(Post("x", "Connection: close\r\n"));
  EXPECT_EQ(FindHeader(one.ReadResponse().headers, "connection"), "close");
  EXPECT_TRUE(one.AtEnd());
  TestSocket old = TestSocket::Connect(server->port());
  old.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.ReadResponse().status, 200);
  EXPECT_TRUE(old.AtEnd());
}

TEST(ServerTest, ConnectionEndsWhenTheHandlerWantsIt) {
  auto server = StartServer({}, [](const Request&, Responder respond) {
    respond.Send({.status = 200, .headers = {{"Connection", "close"}}});
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  EXPECT_EQ(client.ReadResponse().status, 200);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, ClientMayShutItsSideBeforeTheAnswer) {
  auto server = StartServer({}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(Post("last words"));
  client.ShutdownSend();
  EXPECT_EQ(client.ReadResponse().body, "last words");
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, EveryAnswerIsReported) {
  Answered answered;
  ServerOptions options;
  options.on_answered = answered.callback();
  auto server = StartServer(options, [](const Request& request, Responder respond) {
    respond.Send({.status = request.target == "/no" ? 404 : 200});
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("GET / HTTP/1.1\r\n\r\nGET /no HTTP/1.1\r\n\r\nx\r\n\r\n");
  client.ReadToEnd();
  EXPECT_THAT(answered.statuses(), ElementsAre(200, 404, 400));
}

TEST(ServerTest, PortInUseIsUnavailable) {
  auto server = StartServer({}, Echo);
  const auto second = Server::Start({.port = server->port()}, Echo);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(Concat("port ", server->port())));
}

}  // namespace
}  // namespace trunkline::http
