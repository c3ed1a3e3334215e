#include "libs/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "libs/base/text.h"
#include "libs/http/server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using ::testing::HasSubstr;

std::string Local(uint16_t port, std::string_view path = "/") { return Concat("http://127.0.0.1:", port, path); }

absl::StatusCode CodeOf(const absl::StatusOr<Response>& response) { return response.status().code(); }

// Answers with what it was asked.
std::unique_ptr<Server> StartMirror() {
  return Server::Start({},
                       [](Request request, Responder respond) {
                         Response response;
                         response.status = 200;
                         response.headers.emplace_back("X-Mirror", request.Header("x-test"));
                         response.body = Concat(request.method, " ", request.target, "\n");
                         for (const auto& [name, value] : request.headers)
                           response.body += Concat(name, "=", value, "\n");
                         response.body += request.body;
                         respond.Send(std::move(response));
                       })
      .value();
}

TEST(ClientTest, SendsMethodHeadersAndBody) {
  auto server = StartMirror();
  Client client({.user_agent = "Test/1"});
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    const auto response = client.Send({.method = method,
                                       .url = Local(server->port(), "/a?b=%20c"),
                                       .headers = {{"X-Test", "yes"}, {"X-Empty", ""}},
                                       .body = "the body"});
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(FindHeader(response->headers, "x-mirror"), "yes");
    EXPECT_THAT(response->body, HasSubstr(method + " /a?b=%20c\n"));
    EXPECT_THAT(response->body, HasSubstr("x-empty=\n"));
    EXPECT_THAT(response->body, HasSubstr("user-agent=Test/1\n"));
    EXPECT_THAT(response->body, HasSubstr("the body"));
    EXPECT_THAT(response->body, testing::Not(HasSubstr("content-type=")));
    EXPECT_THAT(response->body, testing::Not(HasSubstr("expect=")));
  }
}

TEST(ClientTest, SendsNoBodyWhenThereIsNone) {
  auto server = StartMirror();
  Client client({});
  for (const std::string method : {"GET", "DELETE", "POST"}) {
    ClientRequest request;
    request.method = method;
    request.url = Local(server->port());
    const auto response = client.Send(request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_THAT(response->body, HasSubstr(method + " /\n"));
  }
  const auto head = client.Send({.method = "HEAD", .url = Local(server->port())});
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->body, "");
}

TEST(ClientTest, SendsBasicAuthentication) {
  auto server = StartMirror();
  Client client({});
  ClientRequest request;
  request.url = Local(server->port());
  request.username = "user";
  request.password = "pass:word";
  EXPECT_THAT(client.Send(request)->body, HasSubstr("authorization=Basic dXNlcjpwYXNzOndvcmQ=\n"));
  // The credentials of one request do not stick to the connection.
  request.username.clear();
  request.password.clear();
  EXPECT_THAT(client.Send(request)->body, testing::Not(HasSubstr("authorization")));
}

TEST(ClientTest, AnyStatusIsAnAnswerAndRedirectsAreNotFollowed) {
  for (const int status : {204, 302, 404, 503}) {
    auto server = Server::Start({}, [status](const Request&, Responder respond) {
                    respond.Send({.status = status, .headers = {{"Location", "/elsewhere"}}});
                  }).value();
    Client client({});
    const auto response = client.Send({.url = Local(server->port())});
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, status);
  }
}

TEST(ClientTest, KeepsItsConnection) {
  std::atomic<int> connections = 0;
  ScriptedServer server([&connections](TestSocket socket) {
    ++connections;
    while (!socket.ReadHead().empty()) socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  Client client({});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.Send({.url = Local(server.port())})->body, "ok");
  EXPECT_EQ(connections, 1);
}

TEST(ClientTest, ServesManyThreads) {
  auto server = StartMirror();
  Client client({});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        ClientRequest request;
        request.method = "POST";
        request.url = Local(server->port());
        request.body = Concat("thread ", i, " round ", round, ".");
        const auto response = client.Send(request);
        ASSERT_TRUE(response.ok()) << response.status();
        ASSERT_THAT(response->body, HasSubstr(request.body));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ClientTest, InterimAnswersAreNotTheAnswer) {
  ScriptedServer server([](TestSocket socket) {
    socket.ReadHead();
    socket.Send(
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late: 1\r\nContent-Length: 0\r\n\r\n");
  });
  Client client({});
  const auto response = client.Send({.url = Local(server.port())});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(FindHeader(response->headers, "x-early"), "");
  EXPECT_EQ(FindHeader(response->headers, "x-late"), "1");
}

// --- the kinds of error --------------------------------------------------------------------------------------------

TEST(ClientTest, RefusedConnectionIsUnavailable) {
  Client client({});
  EXPECT_EQ(CodeOf(client.Send({.method = "POST", .url = Local(UnusedPort())})), absl::StatusCode::kUnavailable);
}

TEST(ClientTest, NameThatIsNotResolvedIsUnavailable) {
  Client client({});
  EXPECT_EQ(CodeOf(client.Send({.url = "http://no-such-host.invalid/"})), absl::StatusCode::kUnavailable);
}

TEST(ClientTest, FailedTlsHandshakeIsUnavailable) {
  ScriptedServer server([](TestSocket socket) { socket.Send("this is no TLS\r\n\r\n"); });
  Client client({});
  EXPECT_EQ(CodeOf(client.Send({.url = Concat("https://127.0.0.1:", server.port(), "/")})),
            absl::StatusCode::kUnavailable);
}

TEST(ClientTest, TlsHandshakeThatDoesNotEndIsUnavailable) {
  ScriptedServer server([](TestSocket socket) { socket.ReadToEnd(); });
  Client client({});
  ClientRequest request;
  request.url = Concat("https://127.0.0.1:", server.port(), "/");
  request.timeout = absl::Milliseconds(50);
  EXPECT_EQ(CodeOf(client.Send(request)), absl::StatusCode::kUnavailable);
}

TEST(ClientTest, NoAnswerInTimeIsDeadlineExceeded) {
  ScriptedServer server([](TestSocket socket) { socket.ReadToEnd(); });
  Client client({});
  ClientRequest request;
  request.method = "POST";
  request.url = Local(server.port());
  request.timeout = absl::Milliseconds(50);
  EXPECT_EQ(CodeOf(client.Send(request)), absl::StatusCode::kDeadlineExceeded);
}

TEST(ClientTest, HalfAnAnswerInTimeIsDeadlineExceeded) {
  ScriptedServer server([](TestSocket socket) {
    socket.ReadHead();
    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    socket.ReadToEnd();
  });
  Client client({});
  ClientRequest request;
  request.url = Local(server.port());
  request.timeout = absl::Milliseconds(50);
  EXPECT_EQ(CodeOf(client.Send(request)), absl::StatusCode::kDeadlineExceeded);
}

TEST(ClientTest, ConnectionThatBreaksBeforeTheAnswerIsUnknown) {
  ScriptedServer server([](TestSocket socket) { socket.ReadHead(); });
  Client client({});
  EXPECT_EQ(CodeOf(client.Send({.method = "POST", .url = Local(server.port())})), absl::StatusCode::kUnknown);
}

TEST(ClientTest, ConnectionThatIsResetIsUnknown) {
  ScriptedServer server([](TestSocket socket) {
    socket.ReadHead();
    socket.ResetOnClose();
  });
  Client client({});
  EXPECT_EQ(CodeOf(client.Send({.method = "POST", .url = Local(server.port())})), absl::StatusCode::kUnknown);
}

TEST(ClientTest, ConnectionThatBreaksInTheAnswerIsUnknown) {
  ScriptedServer server([](TestSocket socket) {
    socket.ReadHead();
    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  Client client({});
  EXPECT_EQ(CodeOf(client.Send({.url = Local(server.port())})), absl::StatusCode::kUnknown);
}

TEST(ClientTest, AnswerThatIsNotHttpIsUnknown) {
  ScriptedServer server([](TestSocket socket) {
    socket.ReadHead();
    socket.Send("220 mail.example.com ESMTP\r\n");
  });
  Client client({});
  EXPECT_EQ(CodeOf(client.Send({.url = Local(server.port())})), absl::StatusCode::kUnknown);
}

// The server takes the second request on the connection it kept, and breaks it off without an answer.
class BrokenKeepAlive {
 public:
  ScriptedServer server{[this](TestSocket socket) {
    if (socket.ReadHead().empty()) return;
    ++requests;
    if (requests == 2) return;
    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    if (socket.ReadHead().empty()) return;
    ++requests;
  }};
  std::atomic<int> requests = 0;
};

TEST(ClientTest, PostIsNotSentAgainWhenAKeptConnectionBreaks) {
  BrokenKeepAlive broken;
  Client client({});
  ClientRequest request;
  request.method = "POST";
  request.url = Local(broken.server.port());
  EXPECT_TRUE(client.Send(request).ok());
  EXPECT_EQ(CodeOf(client.Send(request)), absl::StatusCode::kUnknown);
  EXPECT_EQ(broken.requests, 2);
}

TEST(ClientTest, GetIsSentAgainWhenAKeptConnectionBreaks) {
  BrokenKeepAlive broken;
  Client client({});
  EXPECT_TRUE(client.Send({.url = Local(broken.server.port())}).ok());
  EXPECT_TRUE(client.Send({.url = Local(broken.server.port())}).ok());
  EXPECT_EQ(broken.requests, 3);
}

TEST(ClientTest, AnswerThatIsTooLargeIsOutOfRange) {
  for (const std::string_view head : {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"}) {
    ScriptedServer server([head](TestSocket socket) {
      socket.ReadHead();
      socket.Send(Concat(head, "12345678901"));
    });
    Client client({.max_body_bytes = 10});
    EXPECT_EQ(CodeOf(client.Send({.url = Local(server.port())})), absl::StatusCode::kOutOfRange);
  }
}

TEST(ClientTest, AnswerOfExactlyTheLimitIsTaken) {
  ScriptedServer server([](TestSocket socket) {
    socket.ReadHead();
    socket.Send("HTTP/1.1 200 OK\r\n\r\n1234567890");
  });
  Client client({.max_body_bytes = 10});
  EXPECT_EQ(client.Send({.url = Local(server.port())})->body, "1234567890");
}

TEST(ClientTest, AnAddressThatIsNotAllowedIsNotConnectedTo) {
  const auto mirror = StartMirror();
  Client public_only({.may_connect = IsPublicAddress});
  for (const std::string_view host : {"127.0.0.1", "localhost"}) {
    const auto answer = public_only.Send({.url = Concat("http://", host, ":", mirror->port(), "/")});
    EXPECT_EQ(CodeOf(answer), absl::StatusCode::kUnavailable) << host;
    EXPECT_THAT(std::string(answer.status().message()), HasSubstr("not allowed")) << host;
  }
  Client any({.may_connect = [](const IpAddress& address) { return address == *IpAddress::Parse("127.0.0.1"); }});
  EXPECT_EQ(any.Send({.url = Local(mirror->port())})->status, 200);
}

TEST(ClientTest, WhatIsNoRequestIsNeverSent) {
  Client client({});
  for (const std::string url :
       {"", "example.com", "ftp://127.0.0.1/", "file:///etc/passwd", "http:/127.0.0.1", "http://127.0.0.1:99999/",
        "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/a b", "http://"}) {
    EXPECT_EQ(CodeOf(client.Send({.url = url})), absl::StatusCode::kInvalidArgument) << url;
  }
  EXPECT_EQ(CodeOf(client.Send({.method = "GET / HTTP/1.1\r\nX: ", .url = "http://127.0.0.1/"})),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(client.Send({.url = "http://127.0.0.1/", .headers = {{"X", "a\r\nY: b"}}})),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace trunkline::http
