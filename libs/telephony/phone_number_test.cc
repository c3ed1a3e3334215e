#include "libs/telephony/phone_number.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace trunkline::telephony {
namespace {

TEST(PhoneNumberTest, ReadsInternationalAndNationalForms) {
  EXPECT_EQ(ToE164("+1 (415) 867-5309"), "+14158675309");
  EXPECT_EQ(ToE164("415-867-5309", "US"), "+14158675309");
  EXPECT_EQ(ToE164("09876543210", "IN"), "+919876543210");
  EXPECT_EQ(ToE164("415-867-5309"), std::nullopt);
  EXPECT_EQ(ToE164("12", "US"), std::nullopt);
  EXPECT_EQ(ToE164("not a number", "US"), std::nullopt);
}

TEST(PhoneNumberTest, NewAreaCodesCountAlthoughTheMetadataIsOlder) {
  EXPECT_EQ(ToE164("+17275550100"), "+17275550100");
}

TEST(PhoneNumberTest, E164IsAShape) {
  EXPECT_TRUE(IsE164("+15550100002"));
  for (const char* text : {"", "+", "15550100002", "+05550100002", "+1555010000a", "+1234567890123456"}) {
    EXPECT_FALSE(IsE164(text)) << text;
  }
}

TEST(PhoneNumberTest, WithheldPartiesAreNobody) {
  for (const char* text : {"", "  ", "Anonymous", "anonymous", "Restricted", "+266696687", "Unknown"}) {
    EXPECT_EQ(ToParty(text), std::nullopt) << text;
  }
  EXPECT_EQ(ToParty("+15550100002"), "+15550100002");
  EXPECT_EQ(ToParty("client:agent-17"), "client:agent-17");
  EXPECT_EQ(ToParty("sip:1001@example.com"), "sip:1001@example.com");
  EXPECT_EQ(ToParty("1001"), "1001");
}

TEST(PhoneNumberTest, WhatNeedsNoLibraryIsWhatTheLibraryGives) {
  std::mt19937_64 random(11);
  for (const std::string code : {"+1", "+44", "+91"}) {
    for (int i = 0; i < 2'000; ++i) {
      const std::string national = std::to_string(1'000'000'000 + random() % 9'000'000'000);
      // A space is enough to ask the library.
      EXPECT_EQ(ToE164(code + national), ToE164(code + " " + national)) << code << " " << national;
    }
  }
}

}  // namespace
}  // namespace trunkline::telephony
