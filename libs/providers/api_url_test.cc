#include "libs/providers/api_url.h"

#include <gtest/gtest.h>

namespace trunkline::providers {
namespace {

TEST(ApiUrlTest, AUrlIsCutIntoItsPieces) {
  const auto url = ReadUrl("https://api.example.com:8443/v1/x?y=1");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->origin, "https://api.example.com:8443");
  EXPECT_EQ(url->path, "/v1/x?y=1");
  EXPECT_EQ(ReadUrl("http://[::1]:80/")->host, "[::1]");
}

TEST(ApiUrlTest, WhatClientsMayReadDifferentlyIsNone) {
  for (const char* url :
       {"", "api.example.com", "https://", "https:///path", "https://user@api.example.com", "https://u:p@a.example",
        "https://a.example\\@b.example", "https://a.example /", "https://a.example:port",
        "https://a.example:", "https://[::1", "https://\xC3\xA9.example", "https://a.example\r\nHost: b"}) {
    EXPECT_FALSE(ReadUrl(url).has_value()) << url;
  }
}

TEST(ApiUrlTest, SecretsGoOverHttpsOrStayOnTheMachine) {
  for (const char* url : {"https://api.example.com", "https://api.example.com/base", "http://127.0.0.1:8080",
                          "http://127.1.2.3", "http://localhost", "http://[::1]:1"}) {
    EXPECT_TRUE(IsApiUrl(url)) << url;
  }
  for (const char* url :
       {"http://api.example.com", "ftp://127.0.0.1", "https://api.example.com/?a=b", "https://api.example.com/#a",
        "http://127.0.0.1.example.com", "http://127.0.0", "http://1270.0.0.1", "http://localhost.example.com"}) {
    EXPECT_FALSE(IsApiUrl(url)) << url;
  }
}

TEST(ApiUrlTest, TheOriginIsWithoutThePath) {
  EXPECT_EQ(OriginOf("https://api.example.com:1/base"), "https://api.example.com:1");
}

}  // namespace
}  // namespace trunkline::providers
