#include "libs/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "libs/base/text.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace): what it is for
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::unique_ptr<Server> StartServer(ServerOptions options, Handler handler) {
  auto server = Server::Start(std::move(options), std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return std::move(server).value();
}

void Echo(Request request, Responder respond) { respond.Send({.status = 200, .body = request.body}); }

std::string Post(std::string_view body, std::string_view more_headers = "") {
  return Concat("POST /p HTTP/1.1\r\nHost: a\r\n", more_headers, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

// Keeps responders until the test answers them.
class Desk {
 public:
  Handler handler() {
    return [this](Request request, Responder respond) {
      const std::lock_guard lock(mutex_);
      waiting_.emplace_back(std::move(request), std::move(respond));
      changed_.notify_all();
    };
  }

  std::pair<Request, Responder> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_.empty(); });
    auto taken = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<Request, Responder>> waiting_;
};

// Collects what on_answered is told.
class Answered {
 public:
  std::function<void(int, absl::Duration)> callback() {
    return [this](int status, absl::Duration took) {
      EXPECT_GE(took, absl::ZeroDuration());
      const std::lock_guard lock(mutex_);
      statuses_.push_back(status);
    };
  }
  std::vector<int> statuses() {
    const std::lock_guard lock(mutex_);
    return statuses_;
  }

 private:
  std::mutex mutex_;
  std::vector<int> statuses_;
};

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

// --- what is refused -----------------------------------------------------------------------------------------------

struct Refusal {
  const char* name;
  std::string sent;
  int status;
  std::string code;
};

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, IsAnsweredAndTheConnectionCloses) {
  Answered answered;
  ServerOptions options{.max_header_bytes = 200, .max_body_bytes = 10};
  options.on_answered = answered.callback();
  auto server = StartServer(options, [](const Request&, Responder respond) {
    ADD_FAILURE() << "the handler saw it";
    respond.Send({});
  });
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(GetParam().sent);
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_THAT(response.body, StartsWith(Concat(R"({"error":{"code":")", GetParam().code, "\"")));
  EXPECT_EQ(FindHeader(response.headers, "content-type"), "application/json");
  EXPECT_EQ(FindHeader(response.headers, "connection"), "close");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_THAT(answered.statuses(), ElementsAre(GetParam().status));
}

std::string ChunkedHead() { return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"; }

std::string ManyHeaderLines() {
  std::string text = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 50; ++i) text += "a: b\r\n";
  return text + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusalTest,
    testing::Values(
        Refusal{"NotHttp", "\x16\x03\x01 what is this\r\n\r\n", 400, "BAD_REQUEST"},
        Refusal{"OtherVersion", "GET / HTTP/3.7\r\n\r\n", 400, "BAD_REQUEST"},
        Refusal{"HeaderWithoutColon", "GET / HTTP/1.1\r\nHost\r\n\r\n", 400, "BAD_REQUEST"},
        Refusal{"LengthThatIsNoNumber", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "BAD_REQUEST"},
        Refusal{"TwoLengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", 400, "BAD_REQUEST"},
        Refusal{"LengthAndChunks",
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
                "BAD_REQUEST"},
        Refusal{"UnknownCoding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "BAD_REQUEST"},
        Refusal{"ChunkThatIsNoNumber", ChunkedHead() + "zz\r\n", 400, "BAD_REQUEST"},
        Refusal{"ChunkWithEndlessExtension", ChunkedHead() + "1;" + std::string(70'000, 'x'), 400, "BAD_REQUEST"},
        Refusal{"LongTarget", "GET /" + std::string(300, 'a'), 431, "HEADER_TOO_LARGE"},
        Refusal{"LongHeaderLine", "GET / HTTP/1.1\r\na: " + std::string(300, 'b') + "\r\n\r\n", 431,
                "HEADER_TOO_LARGE"},
        Refusal{"ManyHeaderLines", ManyHeaderLines(), 431, "HEADER_TOO_LARGE"},
        Refusal{"LongBody", Post("12345678901"), 413, "BODY_TOO_LARGE"},
        Refusal{"HugeAnnouncedBody", "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n", 413,
                "BODY_TOO_LARGE"},
        Refusal{"ManyChunks", ChunkedHead() + "6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n", 413, "BODY_TOO_LARGE"},
        Refusal{"HugeChunk", ChunkedHead() + "ffffffff\r\n", 413, "BODY_TOO_LARGE"}),
    [](const auto& refusal) { return refusal.param.name; });

TEST(ServerTest, HeaderThatComesLineByLineIsBoundedToo) {
  auto server = StartServer({.max_header_bytes = 200}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 50; ++i) client.Send("a: b\r\n");
  EXPECT_EQ(client.ReadResponse().status, 431);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, LimitsThemselvesAreAllowed) {
  auto server = StartServer({.max_header_bytes = 200, .max_body_bytes = 10}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(Post("1234567890"));
  EXPECT_EQ(client.ReadResponse().body, "1234567890");
  client.Send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "1234567890");
}

TEST(ServerTest, ClientThatSendsItsLargeBodyToTheEndStillReadsTheRefusal) {
  auto server = StartServer({.max_body_bytes = 1000}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  EXPECT_TRUE(client.Send(Post(std::string(4 << 20, 'x'))));
  EXPECT_EQ(client.ReadResponse().status, 413);
}

TEST(ServerTest, RefusalComesAfterTheAnswersBeforeIt) {
  auto server = StartServer({}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(Post("good") + "nonsense\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "good");
  EXPECT_EQ(client.ReadResponse().status, 400);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, ConnectionsBeyondTheLimitAreRefusedAndRoomIsMadeAgain) {
  auto server = StartServer({.max_connections = 1}, Echo);
  {
    TestSocket first = TestSocket::Connect(server->port());
    first.Send(Post("x"));
    EXPECT_EQ(first.ReadResponse().status, 200);
    TestSocket second = TestSocket::Connect(server->port());
    const Response refused = second.ReadResponse();
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.body, HasSubstr("TOO_MANY_CONNECTIONS"));
    EXPECT_TRUE(second.AtEnd());
    first.Send(Post("y"));
    EXPECT_EQ(first.ReadResponse().body, "y");
  }
  // The server learns of the closing at some time; until then it refuses.
  int status = 503;
  while (status == 503) {
    TestSocket third = TestSocket::Connect(server->port());
    third.Send(kGet);
    status = third.ReadResponse().status;
  }
  EXPECT_EQ(status, 200);
}

// --- time ----------------------------------------------------------------------------------------------------------

TEST(ServerTest, HeaderThatDoesNotEndInTimeIsAnswered) {
  auto server = StartServer({.read_timeout = absl::Milliseconds(20)}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("GET / HTT");
  const Response response = client.ReadResponse();
  EXPECT_EQ(response.status, 408);
  EXPECT_THAT(response.body, HasSubstr("REQUEST_TIMEOUT"));
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, BodyThatDoesNotEndInTimeIsAnswered) {
  auto server = StartServer({.read_timeout = absl::Milliseconds(20)}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345");
  EXPECT_EQ(client.ReadResponse().status, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, ClientThatKeepsDrippingIsCutOff) {
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

TEST(ServerTest, IdleConnectionIsClosedWithoutAWord) {
  auto server = StartServer({.idle_timeout = absl::Milliseconds(20)}, Echo);
  TestSocket fresh = TestSocket::Connect(server->port());
  EXPECT_TRUE(fresh.AtEnd());
  TestSocket used = TestSocket::Connect(server->port());
  used.Send(kGet);
  EXPECT_EQ(used.ReadResponse().status, 200);
  EXPECT_TRUE(used.AtEnd());
}

TEST(ServerTest, WaitingForTheHandlerIsNotIdleTime) {
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

TEST(ServerTest, ClientThatDoesNotReadItsAnswerIsCutOff) {
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

// --- handlers that fail --------------------------------------------------------------------------------------------

TEST(ServerTest, ResponderThatIsDroppedAnswers500) {
  auto server = StartServer({}, [](const Request&, const Responder&) {});
  TestSocket client = TestSocket::Connect(server->port());
  for (int i = 0; i < 2; ++i) {
    client.Send(kGet);
    const Response response = client.ReadResponse();
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr("\"INTERNAL\""));
  }
}

TEST(ServerTest, ResponderThatIsOverwrittenAnswers500) {
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

TEST(ServerTest, HandlerThatThrowsAnswers500AndTheConnectionGoesOn) {
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

TEST(ServerTest, FirstAnswerCountsWhenTheHandlerThrowsLater) {
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

TEST(ServerTest, AbortedExchangeClosesTheConnection) {
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

TEST(ServerTest, AnswerForAClientThatHasGoneIsThrownAway) {
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

// --- the end -------------------------------------------------------------------------------------------------------

TEST(ServerTest, DrainAnswersWhatIsInFlightAndClosesTheRest) {
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

TEST(ServerTest, DrainWaitsForARequestThatIsHalfRead) {
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

TEST(ServerTest, DrainGivesUpAtItsLimitAndLateAnswersDoNothing) {
  Desk desk;
  auto server = StartServer({}, desk.handler());
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  auto [request, respond] = desk.Take();
  server->Drain(absl::Milliseconds(10));
  EXPECT_TRUE(client.AtEnd());
  respond.Send({.status = 200, .body = "too late"});
}

TEST(ServerTest, ResponderMayOutliveTheServer) {
  Desk desk;
  auto server = StartServer({}, desk.handler());
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(kGet);
  auto [request, respond] = desk.Take();
  server.reset();
  respond.Send({.status = 200, .body = "too late"});
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerTest, DrainTwiceIsDrainOnce) {
  auto server = StartServer({}, Echo);
  server->Drain(absl::Seconds(1));
  server->Drain(absl::Seconds(1));
}

TEST(ServerTest, PortInUseIsUnavailable) {
  auto server = StartServer({}, Echo);
  const auto second = Server::Start({.port = server->port()}, Echo);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(Concat("port ", server->port())));
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

}  // namespace
}  // namespace trunkline::http
