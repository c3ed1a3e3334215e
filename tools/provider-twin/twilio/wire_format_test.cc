#include "tools/provider-twin/twilio/wire_format.h"

#include <gtest/gtest.h>

namespace trunkline::twin::twilio {
namespace {

TEST(WireFormatTest, SidsAreTwoLettersAndHexAndNeverTheSame) {
  const std::string sid = NewSid("CA");
  EXPECT_EQ(sid.size(), 34);
  EXPECT_TRUE(sid.starts_with("CA"));
  EXPECT_EQ(sid.find_first_not_of("0123456789abcdef", 2), std::string::npos);
  EXPECT_NE(NewSid("CA"), sid);
}

TEST(WireFormatTest, TimesAreRfc2822) {
  EXPECT_EQ(Rfc2822(absl::FromUnixSeconds(1283286988)), "Tue, 31 Aug 2010 20:36:28 +0000");
}

TEST(WireFormatTest, NumbersOfNorthAmericaAreFormatted) {
  EXPECT_EQ(FormatNumber("+15550100002"), "(555) 010-0002");
  EXPECT_EQ(FormatNumber("+442071838750"), "+442071838750");
  EXPECT_EQ(FormatNumber("client:a"), "client:a");
}

TEST(WireFormatTest, WhatCanBeDialled) {
  for (const auto* yes : {"+15550100002", "sip:a@b", "client:agent-1"}) EXPECT_TRUE(IsDialable(yes)) << yes;
  for (const auto* no : {"", "15550100002", "+1555x100002", "+1", "sip:a", "client:"})
    EXPECT_FALSE(IsDialable(no)) << no;
}

TEST(WireFormatTest, UrlsHaveAHostWithoutUnderscore) {
  EXPECT_TRUE(IsUrl("https://hooks.example.com/a_b?x=1"));
  EXPECT_FALSE(IsUrl("https://my_host/"));
  EXPECT_FALSE(IsUrl("ftp://host/"));
  EXPECT_FALSE(IsUrl("http:///path"));
}

}  // namespace
}  // namespace trunkline::twin::twilio
