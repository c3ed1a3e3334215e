// What the server refuses itself, so that no handler sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "libs/base/text.h"
#include "libs/http/server.h"
#include "libs/http/test_server.h"
#include "libs/http/test_socket.h"

namespace trunkline::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

TEST(ServerRefusalTest, HeaderThatComesLineByLineIsBoundedToo) {
  auto server = StartServer({.max_header_bytes = 200}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 50; ++i) client.Send("a: b\r\n");
  EXPECT_EQ(client.ReadResponse().status, 431);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerRefusalTest, LimitsThemselvesAreAllowed) {
  auto server = StartServer({.max_header_bytes = 200, .max_body_bytes = 10}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(Post("1234567890"));
  EXPECT_EQ(client.ReadResponse().body, "1234567890");
  client.Send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "1234567890");
}

TEST(ServerRefusalTest, ClientThatSendsItsLargeBodyToTheEndStillReadsTheRefusal) {
  auto server = StartServer({.max_body_bytes = 1000}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  EXPECT_TRUE(client.Send(Post(std::string(4 << 20, 'x'))));
  EXPECT_EQ(client.ReadResponse().status, 413);
}

TEST(ServerRefusalTest, RefusalComesAfterTheAnswersBeforeIt) {
  auto server = StartServer({}, Echo);
  TestSocket client = TestSocket::Connect(server->port());
  client.Send(Post("good") + "nonsense\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, "good");
  EXPECT_EQ(client.ReadResponse().status, 400);
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerRefusalTest, ConnectionsBeyondTheLimitAreRefusedAndRoomIsMadeAgain) {
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

}  // namespace
}  // namespace trunkline::http
