// Over a real connection, since the body goes out piece by piece.
#include "services/gateway/http/media_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/http/server.h"

namespace trunkline::gateway {
namespace {

constexpr std::string_view kSound = "0123456789";

class MediaReplyTest : public ::testing::Test {
 protected:
  ~MediaReplyTest() override {
    server_.reset();
    if (sending_.joinable()) sending_.join();
  }

  // What a client gets of a provider that gives this, in pieces of three bytes.
  http::Response Reply(std::string_view range, const providers::MediaHead& head, std::string_view sound = kSound,
                       const absl::Status& end = absl::OkStatus()) {
    range_ = OneRange(range);
    send_ = [=, this](MediaReply& reply) {
      bool wanted = reply.Begin(head);
      for (size_t i = 0; i < sound.size() && wanted; i += 3) wanted = reply.Write(sound.substr(i, 3));
      has_answered_ = reply.End(wanted ? end : absl::CancelledError("enough"));
    };
    const auto response = client_.Send({.url = Concat("http://127.0.0.1:", server_->port(), "/")});
    sending_.join();
    return response.value_or(http::Response{.status = 0});
  }
  // Of a provider that gives the whole, whatever is asked for.
  http::Response Whole(std::string_view range, const std::string& type = "audio/mpeg") {
    return Reply(range, {.content_type = type, .bytes = kSound.size()});
  }
  static std::string_view Header(const http::Response& response, std::string_view name) {
    return http::FindHeader(response.headers, name);
  }

  std::string range_;
  std::function<void(MediaReply&)> send_;
  std::thread sending_;
  bool has_answered_ = false;
  std::unique_ptr<http::Server> server_ =
      *http::Server::Start({}, [this](const http::Request&, http::Responder respond) {
        const auto shared = std::make_shared<http::Responder>(std::move(respond));
        sending_ = std::thread([this, shared] {
          MediaReply reply(
              {.send = [shared](http::Response response) { shared->Send(std::move(response)); },
               .stream = [shared](http::Response head,
                                  std::optional<uint64_t> bytes) { return shared->Stream(std::move(head), bytes); }},
              "r1", range_);
          send_(reply);
        });
      });
  http::Client client_{{}};
};

TEST_F(MediaReplyTest, TheSoundIsSentAsWhatItIs) {
  const http::Response response = Whole("");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, kSound);
  EXPECT_EQ(Header(response, "content-length"), "10");
  EXPECT_EQ(Header(response, "content-type"), "audio/mpeg");
  EXPECT_EQ(Header(response, "content-disposition"), "attachment; filename=\"r1.mp3\"");
  EXPECT_EQ(Header(response, "cache-control"), "private, no-store");
}

TEST_F(MediaReplyTest, WhatIsNoSoundIsNotShownByBrowsers) {
  for (const char* type : {"text/html", "", "image/svg+xml", "audio"}) {
    EXPECT_EQ(Header(Whole("", type), "content-type"), "application/octet-stream") << type;
  }
  EXPECT_EQ(Header(Whole("", "Audio/WAV; codecs=1"), "content-type"), "audio/wav");
  EXPECT_EQ(Header(Whole(""), "x-content-type-options"), "nosniff");
}

TEST_F(MediaReplyTest, OneRangeIsCutOutOfTheWhole) {
  struct Case {
    const char* range;
    const char* body;
    const char* told;
  };
  for (const Case& test : {Case{"bytes=2-4", "234", "bytes 2-4/10"}, Case{"bytes=8-", "89", "bytes 8-9/10"},
                           Case{"bytes=-3", "789", "bytes 7-9/10"}, Case{"bytes=5-99", "56789", "bytes 5-9/10"},
                           Case{"bytes=-99", "0123456789", "bytes 0-9/10"}, Case{"bytes=0-0", "0", "bytes 0-0/10"}}) {
    const http::Response response = Whole(test.range);
    EXPECT_EQ(response.status, 206) << test.range;
    EXPECT_EQ(response.body, test.body);
    EXPECT_EQ(Header(response, "content-range"), test.told);
  }
}

TEST_F(MediaReplyTest, ARangeOfTheProviderIsHandedOn) {
  const http::Response response = Reply(
      "bytes=2-4", {.status = 206, .content_type = "audio/wav", .bytes = 3, .content_range = "bytes 2-4/10"}, "234");
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "234");
  EXPECT_EQ(Header(response, "content-range"), "bytes 2-4/10");
  const http::Response refused = Reply("bytes=99-", {.status = 416, .content_range = "bytes */10"}, "");
  EXPECT_EQ(refused.status, 416);
  EXPECT_EQ(Header(refused, "content-range"), "bytes */10");
}

TEST_F(MediaReplyTest, ARangeBeyondTheEndIsRefused) {
  for (const char* range : {"bytes=10-", "bytes=-0", "bytes=99-100"}) {
    const http::Response response = Whole(range);
    EXPECT_EQ(response.status, 416) << range;
    EXPECT_EQ(Header(response, "content-range"), "bytes */10");
  }
}

TEST_F(MediaReplyTest, WhatIsNoSingleRangeGivesTheWhole) {
  for (const char* range : {"bytes=1-2,4-5", "bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=4-2", "bytes=1-x",
                            "bytes=99999999999999999999-"}) {
    EXPECT_EQ(OneRange(range), "");
    EXPECT_EQ(Whole(range).status, 200) << range;
  }
  EXPECT_EQ(OneRange("bytes=9-"), "bytes=9-");
}

TEST_F(MediaReplyTest, WithoutALengthTheWholeComesInChunks) {
  const http::Response response = Reply("bytes=2-4", {.content_type = "audio/wav", .bytes = std::nullopt});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, kSound);
  EXPECT_EQ(Header(response, "transfer-encoding"), "chunked");
}

TEST_F(MediaReplyTest, WhatBreaksOffIsNotAnAnswer) {
  EXPECT_EQ(Reply("", {.content_type = "audio/wav", .bytes = 10}, "0123", absl::UnavailableError("gone")).status, 0);
  EXPECT_EQ(
      Reply("", {.content_type = "audio/wav", .bytes = std::nullopt}, "0123", absl::UnavailableError("gone")).status,
      0);
  EXPECT_TRUE(has_answered_);
}

}  // namespace
}  // namespace trunkline::gateway
