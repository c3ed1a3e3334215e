#include "libs/providers/exotel/local_rules.h"

#include <gtest/gtest.h>

namespace trunkline::providers::exotel {
namespace {

std::string Utc(std::string_view text, const LocalRules& rules = {}) {
  const auto time = ParseTime(text, rules);
  return time.has_value() ? absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *time, absl::UTCTimeZone()) : "none";
}

TEST(LocalRulesTest, EveryFormOfATimeIsUnderstood) {
  EXPECT_EQ(Utc("2026-03-03 10:48:33"), "2026-03-03T05:18:33Z");
  EXPECT_EQ(Utc("Wed, 23 Feb 2022 12:31:59"), "2022-02-23T07:01:59Z");
  EXPECT_EQ(Utc("2026-01-15T09:05:00+05:30"), "2026-01-15T03:35:00Z");
  EXPECT_EQ(Utc("2022-11-03 22:54:40+05:30"), "2022-11-03T17:24:40Z");
  EXPECT_EQ(Utc("2026-01-15T09:05:00Z"), "2026-01-15T09:05:00Z");
  EXPECT_EQ(Utc("2026-03-03 10:48:33", {.offset = -absl::Hours(4), .country_prefix = "1"}), "2026-03-03T14:48:33Z");
}

TEST(LocalRulesTest, WhatStandsForNoTimeIsNone) {
  for (const char* text : {"", "null", "1970-01-01 05:30:00", "1970-01-01 05:30:00+05:30", "0000-00-00 00:00:00",
                           "0001-01-01T00:00:00Z", "infinite-future", "2026-02-30 10:00:00", "yesterday"}) {
    EXPECT_EQ(Utc(text), "none") << text;
  }
}

TEST(LocalRulesTest, NumbersBecomeInternational) {
  const LocalRules rules;
  for (const char* text : {"09876543210", "9876543210", "919876543210", "+919876543210", " 09876543210 "}) {
    EXPECT_EQ(PartyOf(text, rules), "+919876543210") << text;
  }
  EXPECT_EQ(PartyOf("sip:agent@example.com", rules), "sip:agent@example.com");
  EXPECT_EQ(PartyOf("140", rules), "140");
  EXPECT_EQ(PartyOf("", rules), std::nullopt);
  EXPECT_EQ(PartyOf("null", rules), std::nullopt);
  EXPECT_EQ(NationalForm("+918047190000", rules), "08047190000");
  EXPECT_EQ(NationalForm("+15550100001", rules), "+15550100001");
}

TEST(LocalRulesTest, RulesTravelInAUrl) {
  EXPECT_TRUE(QueryOf(LocalRules()).empty());
  const LocalRules rules{.offset = absl::Hours(4), .country_prefix = "971"};
  const LocalRules read = RulesOf(QueryOf(rules));
  EXPECT_EQ(read.offset, rules.offset);
  EXPECT_EQ(read.country_prefix, "971");
  EXPECT_EQ(RulesOf(Form{{"zone", "Mars"}, {"prefix", "x"}}).country_prefix, "91");
  EXPECT_EQ(ParseOffset("-03:30"), -(absl::Hours(3) + absl::Minutes(30)));
}

}  // namespace
}  // namespace trunkline::providers::exotel
