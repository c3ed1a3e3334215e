#include "libs/http/message.h"

#include <gtest/gtest.h>

#include "libs/http/response_head.h"

namespace trunkline::http {
namespace {

TEST(MessageTest, HeaderIsFoundWhateverItsCase) {
  const Headers headers = {{"Content-Type", "a"}, {"content-type", "b"}};
  EXPECT_EQ(FindHeader(headers, "CONTENT-type"), "a");
  EXPECT_EQ(FindHeader(headers, "content"), "");
}

TEST(MessageTest, PathAndQueryAreThePartsOfTheTarget) {
  Request request;
  request.target = "/a%20b?x=1?y=2";
  EXPECT_EQ(request.Path(), "/a%20b");
  EXPECT_EQ(request.Query(), "x=1?y=2");
  request.target = "/a";
  EXPECT_EQ(request.Path(), "/a");
  EXPECT_EQ(request.Query(), "");
}

TEST(MessageTest, ErrorHasTheOneShape) {
  const Response response = ErrorResponse(404, "NO_SUCH_THING", "no \"thing\"");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"error":{"code":"NO_SUCH_THING","message":"no \"thing\""}})");
  EXPECT_EQ(FindHeader(response.headers, "content-type"), "application/json");
}

TEST(MessageTest, ErrorThatQuotesBytesIsStillJson) {
  EXPECT_EQ(ErrorResponse(400, "X", "\xff").body, "{\"error\":{\"code\":\"X\",\"message\":\"\xef\xbf\xbd\"}}");
}

TEST(MessageTest, HeaderValueCannotAddAHeader) {
  std::string head;
  AppendResponseHead({.status = 200, .headers = {{"X-A", "1\r\nX-B: 2"}}}, true, "D", head);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nDate: D\r\nConnection: keep-alive\r\nX-A: 1  X-B: 2\r\nContent-Length: 0\r\n\r\n");
}

TEST(MessageTest, LengthIsTheServersOwn) {
  std::string head;
  AppendResponseHead(
      {.status = 200, .headers = {{"content-LENGTH", "7"}, {"transfer-encoding", "chunked"}}, .body = "a"}, false, "D",
      head);
  EXPECT_EQ(head, "HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\nContent-Length: 1\r\n\r\n");
}

}  // namespace
}  // namespace trunkline::http
