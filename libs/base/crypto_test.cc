#include "libs/base/crypto.h"

#include <gtest/gtest.h>

#include "libs/base/encoding.h"

namespace trunkline {
namespace {

TEST(CryptoTest, KnownAnswers) {
  EXPECT_EQ(HexEncode(Sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(HexEncode(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 2202 and RFC 4231, case 2.
  EXPECT_EQ(HexEncode(HmacSha1("Jefe", "what do ya want for nothing?")), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(HexEncode(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(CryptoTest, EveryMessageIsAuthenticatedWithItsOwnKey) {
  const std::string first = HmacSha1("one", "message");
  EXPECT_NE(HmacSha1("two", "message"), first);
  EXPECT_NE(HmacSha1("", "message"), HmacSha1("two", "message"));
  EXPECT_EQ(HmacSha1("", ""), HmacSha1("", ""));
  EXPECT_EQ(HexEncode(HmacSha1("", "")), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
  EXPECT_EQ(HmacSha1("one", "message"), first);
  EXPECT_EQ(HmacSha256("one", "message").size(), 32u);
}

TEST(CryptoTest, ComparesWhole) {
  EXPECT_TRUE(EqualsInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualsInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualsInConstantTime("abc", "ab"));
}

TEST(CryptoTest, WhatIsSealedOpensOnlyWithItsKeyAndContext) {
  const std::string key = RandomBytes(32);
  const std::string sealed = Seal(key, "row-1", "auth token");
  EXPECT_EQ(sealed.find("auth token"), std::string::npos);
  EXPECT_EQ(*Open(key, "row-1", sealed), "auth token");
  EXPECT_EQ(Open(key, "row-2", sealed).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(RandomBytes(32), "row-1", sealed).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(key, "row-1", sealed.substr(1)).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(key, "row-1", "").status().code(), absl::StatusCode::kDataLoss);
}

TEST(CryptoTest, EverySealingIsDifferent) {
  const std::string key = RandomBytes(32);
  EXPECT_NE(Seal(key, "row", "same"), Seal(key, "row", "same"));
}

TEST(CryptoTest, EveryFlippedBitIsNoticed) {
  const std::string key = RandomBytes(32);
  const std::string sealed = Seal(key, "row", "secret");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string broken = sealed;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(Open(key, "row", broken).ok()) << bit;
  }
}

}  // namespace
}  // namespace trunkline
