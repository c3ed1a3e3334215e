#include "services/gateway/http/media_reply.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline::gateway {
namespace {

http::Response Reply(std::string_view range, const std::string& type = "audio/mpeg",
                     const std::string& bytes = "0123456789") {
  return MediaReply({.content_type = type, .bytes = bytes}, "r1", range);
}

std::string_view Header(const http::Response& response, std::string_view name) {
  return http::FindHeader(response.headers, name);
}

TEST(MediaReplyTest, TheSoundIsSentAsWhatItIs) {
  const http::Response response = Reply("");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "0123456789");
  EXPECT_EQ(Header(response, "content-type"), "audio/mpeg");
  EXPECT_EQ(Header(response, "content-disposition"), "attachment; filename=\"r1.mp3\"");
  EXPECT_EQ(Header(response, "cache-control"), "private, no-store");
}

TEST(MediaReplyTest, WhatIsNoSoundIsNotShownByBrowsers) {
  for (const char* type : {"text/html", "", "image/svg+xml", "audio"}) {
    EXPECT_EQ(Header(Reply("", type), "content-type"), "application/octet-stream") << type;
  }
  EXPECT_EQ(Header(Reply("", "Audio/WAV; codecs=1"), "content-type"), "audio/wav");
  EXPECT_EQ(Header(Reply(""), "x-content-type-options"), "nosniff");
}

TEST(MediaReplyTest, OneRangeIsCutOut) {
  struct Case {
    const char* range;
    const char* body;
    const char* told;
  };
  for (const Case& test : {Case{"bytes=2-4", "234", "bytes 2-4/10"}, Case{"bytes=8-", "89", "bytes 8-9/10"},
                           Case{"bytes=-3", "789", "bytes 7-9/10"}, Case{"bytes=5-99", "56789", "bytes 5-9/10"},
                           Case{"bytes=-99", "0123456789", "bytes 0-9/10"}}) {
    const http::Response response = Reply(test.range);
    EXPECT_EQ(response.status, 206) << test.range;
    EXPECT_EQ(response.body, test.body);
    EXPECT_EQ(Header(response, "content-range"), test.told);
  }
}

TEST(MediaReplyTest, ARangeBeyondTheEndIsRefused) {
  for (const char* range : {"bytes=10-", "bytes=-0", "bytes=99-100"}) {
    const http::Response response = Reply(range);
    EXPECT_EQ(response.status, 416) << range;
    EXPECT_EQ(Header(response, "content-range"), "bytes */10");
  }
  EXPECT_EQ(Reply("bytes=-1", "audio/wav", "").status, 416);
}

TEST(MediaReplyTest, WhatIsNoSingleRangeGivesTheWhole) {
  for (const char* range : {"bytes=1-2,4-5", "bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=4-2", "bytes=1-x",
                            "bytes=99999999999999999999-"}) {
    EXPECT_EQ(Reply(range).status, 200) << range;
  }
}

}  // namespace
}  // namespace trunkline::gateway
