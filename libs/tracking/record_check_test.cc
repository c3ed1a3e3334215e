#include "libs/tracking/record_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RecordCheckTest, AnAmountIsItsPartsToAHundredth) {
  RecordCheck check(R"({"net": "7.51", "off": 9, "revenue": 32.5, "payout": "25.00"})");
  check.Sum("net", {"revenue"}, {"payout", "not_there"});
  check.Sum("off", {"revenue"}, {"payout"});
  check.Sum("not_there", {"revenue"}, {});
  check.Sum("off", {"not_there"}, {});
  EXPECT_THAT(check.TakeContradictions(), ElementsAre("off is 9.0000, and revenue - payout is 7.5000"));
}

TEST(RecordCheckTest, EqualAmountsAreEqualWhereBothAreThere) {
  RecordCheck check(R"({"a": "1.0", "b": 1, "c": "1.01", "blank": ""})");
  check.Same("a", "b");
  check.Same("a", "blank");
  EXPECT_THAT(check.TakeContradictions(), IsEmpty());
  check.Same("a", "c");
  EXPECT_THAT(check.TakeContradictions(), ElementsAre("a is 1.0000, and c is 1.0100"));
}

TEST(RecordCheckTest, TheWholeLastsAsLongAsItsPart) {
  RecordCheck check(R"({"whole": 60, "part": 60, "longer": "00:01:01"})");
  check.AtLeast("whole", "part");
  check.AtLeast("whole", "longer");
  EXPECT_THAT(check.TakeContradictions(), ElementsAre("whole is 60, and longer is 61"));
}

TEST(RecordCheckTest, AFlagSaysWhetherAMemberIsThere) {
  RecordCheck check(R"({"connected": true, "silent": false, "at": 1772460526000, "none": null})");
  check.Tells("connected", "at");
  check.Tells("silent", "none");
  check.Tells("not_there", "at");
  EXPECT_THAT(check.TakeContradictions(), IsEmpty());
  check.Tells("connected", "none");
  check.Tells("silent", "at");
  EXPECT_THAT(check.TakeContradictions(),
              ElementsAre("connected is true, and none is not there", "silent is false, and at is there"));
}

TEST(RecordCheckTest, WhatIsNoObjectContradictsNothing) {
  for (const char* body : {"", "[1]", "{", "7"}) {
    RecordCheck check(body);
    check.Sum("a", {"b"}, {"c"});
    check.Tells("a", "b");
    EXPECT_THAT(check.TakeContradictions(), IsEmpty()) << body;
  }
}

}  // namespace
}  // namespace trunkline::tracking
