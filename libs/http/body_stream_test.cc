// Bodies that are sent and received piece by piece.
#include "libs/http/body_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/http/server.h"
#include "libs/http/test_server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr size_t kMegabyte = 1 << 20;

class BodyStreamTest : public ::testing::Test {
 protected:
  ~BodyStreamTest() override {
    server_.reset();
    for (std::thread& thread : threads_) thread.join();
  }

  // A server whose bodies a thread makes.
  void Serve(std::optional<uint64_t> bytes, std::function<void(BodyStream&)> make, ServerOptions options = {}) {
    server_ = *Server::Start(std::move(options), [this, bytes, make](const Request&, Responder respond) {
      const auto shared = std::make_shared<Responder>(std::move(respond));
      threads_.emplace_back([bytes, make, shared] {
        const auto body = shared->Stream({.headers = {{"Content-Type", "audio/wav"}}}, bytes);
        make(*body);
      });
    });
  }
  std::string Url() const { return Concat("http://127.0.0.1:", server_->port(), "/"); }
  TestSocket Ask(std::string_view request = kGet) {
    TestSocket client = TestSocket::Connect(server_->port());
    client.Send(request);
    return client;
  }

  std::vector<std::thread> threads_;
  std::unique_ptr<Server> server_;
};

TEST_F(BodyStreamTest, ABodyOfKnownLengthIsOneAnswerAndTheConnectionGoesOn) {
  Serve(6, [](BodyStream& body) {
    EXPECT_TRUE(body.Write("one"));
    EXPECT_TRUE(body.Write("two"));
    body.Finish();
  });
  TestSocket client = Ask();
  for (int i = 0; i < 3; ++i) {
    if (i > 0) client.Send(kGet);
    const Response response = client.ReadResponse();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "onetwo");
    EXPECT_EQ(FindHeader(response.headers, "content-length"), "6");
  }
}

TEST_F(BodyStreamTest, ABodyOfUnknownLengthComesInChunks) {
  Serve(std::nullopt, [](BodyStream& body) {
    body.Write(std::string(26, 'x'));
    body.Finish();
  });
  TestSocket client = Ask();
  const std::string head = client.ReadHead();
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.ReadUntil("0\r\n\r\n"), Concat("1a\r\n", std::string(26, 'x'), "\r\n0\r\n\r\n"));
  client.Send(kGet);
  EXPECT_THAT(client.ReadHead(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(BodyStreamTest, AnOldClientLearnsTheLengthFromTheEnd) {
  Serve(std::nullopt, [](BodyStream& body) {
    body.Write("sound");
    body.Finish();
  });
  TestSocket client = Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nsound"));
}

TEST_F(BodyStreamTest, AnEmptyBodyIsAnAnswerToo) {
  Serve(std::nullopt, [](BodyStream& body) { body.Finish(); });
  TestSocket client = Ask();
  client.ReadHead();
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "0\r\n\r\n");
}

TEST_F(BodyStreamTest, WhatIsNotWholeBreaksTheConnectionOff) {
  struct Case {
    std::optional<uint64_t> bytes;
    std::string body;
    bool finishes;
  };
  for (const Case& test : {Case{10, "half", false}, Case{std::nullopt, "half", false}, Case{10, "short", true}}) {
    server_.reset();
    Serve(test.bytes, [test](BodyStream& body) {
      EXPECT_TRUE(body.Write(test.body));
      if (test.finishes) body.Finish();
    });
    Client client({});
    EXPECT_EQ(client.Send({.url = Url()}).status().code(), absl::StatusCode::kUnknown) << test.body;
  }
}

TEST_F(BodyStreamTest, MoreThanWasPromisedIsNeverSent) {
  Serve(3, [](BodyStream& body) {
    EXPECT_FALSE(body.Write("far too long"));
    EXPECT_FALSE(body.Write("far"));
    body.Finish();
  });
  EXPECT_THAT(Ask().ReadToEnd(), Not(HasSubstr("far")));
}

TEST_F(BodyStreamTest, AHeadRequestGetsTheLengthAndEndsTheBody) {
  std::promise<bool> wanted;
  Serve(1'000'000, [&](BodyStream& body) {
    bool wants = true;
    for (int i = 0; i < 1'000 && wants; ++i) wants = body.Write(std::string(1'000, 'x'));
    wanted.set_value(wants);
  });
  const Response response = Ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").ReadResponse(/*has_body=*/false);
  EXPECT_EQ(FindHeader(response.headers, "content-length"), "1000000");
  EXPECT_FALSE(wanted.get_future().get());
}

TEST_F(BodyStreamTest, AClientThatLeavesOrDoesNotReadEndsTheBody) {
  std::promise<void> left;
  Serve(std::nullopt, [&](BodyStream& body) {
    while (body.Write(std::string(10'000, 'x'))) {
    }
    left.set_value();
  });
  {
    TestSocket client = Ask();
    client.ReadHead();
    client.ResetOnClose();
  }
  left.get_future().get();

  server_.reset();
  std::promise<void> gave_up;
  Serve(std::nullopt,
        [&](BodyStream& body) {
          while (body.Write(std::string(10'000, 'x'))) {
          }
          gave_up.set_value();
        },
        {.write_timeout = absl::Milliseconds(100)});
  TestSocket sleepy = Ask();
  gave_up.get_future().get();
}

TEST_F(BodyStreamTest, AServerThatEndsEndsTheBody) {
  std::promise<void> ended;
  Serve(std::nullopt, [&](BodyStream& body) {
    while (body.Write(std::string(10'000, 'x'))) {
    }
    ended.set_value();
  });
  TestSocket client = Ask();
  client.ReadHead();
  server_.reset();
  ended.get_future().get();
}

TEST_F(BodyStreamTest, ASlowSourceIsNoReasonToEnd) {
  std::promise<void> go_on;
  Serve(3,
        [&](BodyStream& body) {
          go_on.get_future().wait();
          body.Write("end");
          body.Finish();
        },
        {.idle_timeout = absl::Milliseconds(50), .write_timeout = absl::Milliseconds(50)});
  TestSocket client = Ask();
  client.ReadHead();
  // That nothing happens shows only in time: the time-outs of real sockets, 50 ms, are outlasted.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  go_on.set_value();
  EXPECT_EQ(client.ReadBytes(3), "end");
}

// --- the client's side ----------------------------------------------------------------------------------------------

TEST_F(BodyStreamTest, ASinkTakesTheBodyOfTheAnswersThatItWants) {
  Serve(5, [](BodyStream& body) {
    body.Write("sound");
    body.Finish();
  });
  Client client({.max_body_bytes = 5});
  std::string taken;
  const auto received =
      client.Receive({.url = Url()}, {.on_head =
                                          [](const Response& head) {
                                            EXPECT_EQ(head.status, 200);
                                            EXPECT_EQ(FindHeader(head.headers, "content-length"), "5");
                                            return true;
                                          },
                                      .on_piece =
                                          [&](std::string_view piece) {
                                            taken += piece;
                                            return true;
                                          }});
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(taken, "sound");
  EXPECT_EQ(received->body, "");
  const auto kept = client.Receive({.url = Url()}, {.on_head = [](const Response&) { return false; },
                                                    .on_piece = [](std::string_view) { return true; }});
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->body, "sound");
}

TEST_F(BodyStreamTest, ASinkMayHaveHadEnough) {
  Serve(std::nullopt, [](BodyStream& body) {
    while (body.Write(std::string(10'000, 'x'))) {
    }
  });
  Client client({});
  const auto received = client.Receive({.url = Url()}, {.on_head = [](const Response&) { return true; },
                                                        .on_piece = [](std::string_view) { return false; }});
  EXPECT_EQ(received.status().code(), absl::StatusCode::kCancelled);
}

TEST_F(BodyStreamTest, ABodyThatBreaksOffIsAnError) {
  Serve(10, [](BodyStream& body) { body.Write("half"); });
  Client client({});
  const auto received = client.Receive({.url = Url()}, {.on_head = [](const Response&) { return true; },
                                                        .on_piece = [](std::string_view) { return true; }});
  EXPECT_EQ(received.status().code(), absl::StatusCode::kUnknown);
}

TEST_F(BodyStreamTest, SilenceOfTheOtherSideEndsItButNotOurOwnSlowness) {
  std::promise<void> over;
  Serve(std::nullopt, [&](BodyStream& body) {
    body.Write("x");
    over.get_future().wait();
  });
  Client client({});
  const auto received = client.Receive({.url = Url(), .timeout = absl::Milliseconds(300)},
                                       {.on_head = [](const Response&) { return true; },
                                        .on_piece =
                                            [](std::string_view) {
                                              // The slowness itself: longer than the 300 ms of silence that end it.
                                              std::this_thread::sleep_for(std::chrono::milliseconds(600));
                                              return true;
                                            }});
  EXPECT_EQ(received.status().code(), absl::StatusCode::kDeadlineExceeded) << received.status();
  over.set_value();
}

// Of the whole process, in bytes.
int64_t PeakMemory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

TEST_F(BodyStreamTest, ALargeBodyPassesThroughInLittleMemory) {
  constexpr uint64_t kBytes = 256 * kMegabyte;
  // A source, and a server that hands on what it gets of the source while its client reads.
  const std::string piece(64 * 1024, 's');
  Serve(kBytes, [&](BodyStream& body) {
    for (uint64_t sent = 0; sent < kBytes; sent += piece.size()) body.Write(piece);
    body.Finish();
  });
  Client to_source({});
  std::thread passing;
  const auto passer = *Server::Start({}, [&](const Request&, Responder respond) {
    const auto shared = std::make_shared<Responder>(std::move(respond));
    passing = std::thread([&, shared] {
      std::unique_ptr<BodyStream> body;
      const auto done =
          to_source.Receive({.url = Url()}, {.on_head =
                                                 [&](const Response&) {
                                                   body = shared->Stream({}, kBytes);
                                                   return true;
                                                 },
                                             .on_piece = [&](std::string_view part) { return body->Write(part); }});
      EXPECT_TRUE(done.ok()) << done.status();
      body->Finish();
    });
  });
  const int64_t before = PeakMemory();
  uint64_t received = 0;
  Client client({});
  const auto done = client.Receive({.url = Concat("http://127.0.0.1:", passer->port(), "/")},
                                   {.on_head = [](const Response&) { return true; },
                                    .on_piece =
                                        [&](std::string_view part) {
                                          received += part.size();
                                          return true;
                                        }});
  EXPECT_TRUE(done.ok()) << done.status();
  passing.join();
  EXPECT_EQ(received, kBytes);
  EXPECT_LT(PeakMemory() - before, static_cast<int64_t>(16 * kMegabyte));
}

}  // namespace
}  // namespace trunkline::http
