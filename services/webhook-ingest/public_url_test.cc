#include "services/webhook-ingest/public_url.h"

#include <gtest/gtest.h>

namespace trunkline::webhook_ingest {
namespace {

http::Request Forwarded(const std::string& peer) {
  return {.method = "POST",
          .target = "/telephony/webhook/plivo/status?a=%20b",
          .headers = {{"host", "evil.example"},
                      {"x-forwarded-proto", "https"},
                      {"x-forwarded-host", "spoofed, hooks.example.com"},
                      {"x-forwarded-for", "10.0.0.1, 203.0.113.9"}},
          .peer_address = peer};
}

TEST(PublicUrlTest, TheBaseComesFromTheConfigurationAndNothingIsDecoded) {
  const PublicUrl url("https://hooks.example.com/base", {});
  EXPECT_EQ(url.UrlOf(Forwarded("192.0.2.1")), "https://hooks.example.com/base/telephony/webhook/plivo/status?a=%20b");
  EXPECT_EQ(url.RemoteAddressOf(Forwarded("192.0.2.1")), "192.0.2.1");
}

TEST(PublicUrlTest, OnlyATrustedProxyMaySayOtherwise) {
  const PublicUrl url("https://configured.example", {"192.0.2.7"});
  EXPECT_EQ(url.UrlOf(Forwarded("192.0.2.8")), "https://configured.example/telephony/webhook/plivo/status?a=%20b");
  EXPECT_EQ(url.UrlOf(Forwarded("192.0.2.7")), "https://hooks.example.com/telephony/webhook/plivo/status?a=%20b");
  EXPECT_EQ(url.RemoteAddressOf(Forwarded("192.0.2.7")), "203.0.113.9");
}

TEST(PublicUrlTest, TheSenderIsTheFirstThatIsNoTrustedProxy) {
  const PublicUrl url("https://configured.example", {"192.0.2.7", "192.0.2.6"});
  http::Request request{.peer_address = "192.0.2.7"};
  const auto sender = [&](const http::Headers& headers) {
    request.headers = headers;
    return url.RemoteAddressOf(request);
  };
  EXPECT_EQ(sender({}), "192.0.2.7");
  EXPECT_EQ(sender({{"x-forwarded-for", "10.0.0.1, 203.0.113.9, 192.0.2.6"}}), "203.0.113.9");
  // Over several lines of one name, too: the first may be the sender's own.
  EXPECT_EQ(sender({{"x-forwarded-for", "10.0.0.1"}, {"x-forwarded-for", "203.0.113.9"}}), "203.0.113.9");
  EXPECT_EQ(sender({{"x-forwarded-for", "192.0.2.6"}}), "192.0.2.6");
  EXPECT_EQ(sender({{"x-forwarded-for", "10.0.0.1, \xFF"}}), "192.0.2.7");
}

}  // namespace
}  // namespace trunkline::webhook_ingest
