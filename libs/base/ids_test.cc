#include "libs/base/ids.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace trunkline {
namespace {

TEST(IdsTest, NewUuidsAreOrderedByTimeAndDiffer) {
  const absl::Time now = absl::FromUnixMillis(1'772'528'400'123);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewUuid(now));
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_LT(*ids.rbegin(), NewUuid(now + absl::Milliseconds(1)));
}

TEST(IdsTest, VersionSevenLayoutFollowsTheDocument) {
  const RandomSource ones = [](unsigned char* bytes, size_t count) { std::memset(bytes, 0xFF, count); };
  EXPECT_EQ(NewUuid(absl::FromUnixMillis(0x0123456789AB), ones), "01234567-89ab-7fff-bfff-ffffffffffff");
}

TEST(IdsTest, TheSameNameGivesTheSameIdAndKindsAreApart) {
  EXPECT_EQ(UuidOfName("call", "x"), UuidOfName("call", "x"));
  EXPECT_NE(UuidOfName("call", "x"), UuidOfName("event", "x"));
  EXPECT_NE(UuidOfName("call", "x"), UuidOfName("call", "y"));
  EXPECT_TRUE(IsUuid(UuidOfName("call", "x")));
  EXPECT_EQ(UuidOfName("call", "x")[14], '5');
}

// Ids are stored for years: a change of the derivation must not go unnoticed.
TEST(IdsTest, DerivedIdsNeverChange) {
  EXPECT_EQ(UuidOfName("call", "a name"), "4a453b32-ecd7-5608-9fa8-defc121c962a");
}

TEST(IdsTest, OnlyLowerCaseUuidsCount) {
  EXPECT_TRUE(IsUuid("0190b2c3-0000-7000-8000-000000000001"));
  EXPECT_FALSE(IsUuid("0190B2C3-0000-7000-8000-000000000001"));
  EXPECT_FALSE(IsUuid("0190b2c300007000-8000-000000000001"));
  EXPECT_FALSE(IsUuid(""));
  for (size_t i = 0; i < 36; ++i) {
    std::string wrong = "0190b2c3-0000-7000-8000-000000000001";
    wrong[i] = wrong[i] == '-' ? '0' : 'g';
    EXPECT_FALSE(IsUuid(wrong)) << i;
    EXPECT_EQ(NumberOfUuid(wrong), UuidNumber()) << i;
  }
  EXPECT_EQ(NumberOfUuid("00010203-0405-0607-0809-0a0b0c0d0e0f").high, 0x0001020304050607u);
  EXPECT_EQ(NumberOfUuid("00010203-0405-0607-0809-0a0b0c0d0e0f").low, 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(NumberOfUuid("nonsense").low, 0u);
}

}  // namespace
}  // namespace trunkline
