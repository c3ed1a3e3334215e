#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "services/campaign-scheduler/simulation/world.h"

namespace trunkline::scheduler {
namespace {

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += Concat(line, "\n");
  return text;
}

TEST(SimulationTest, WithoutFaultsEveryContactIsCalledWithinTheLimits) {
  const SimulationResult result = Simulate({.faults = false}, 1);
  EXPECT_TRUE(result.complaints.empty()) << Joined(result.complaints);
  EXPECT_GT(result.dialed, 300);
  EXPECT_GT(result.most_slots, 4) << "and the limits are used";
}

TEST(SimulationTest, WhateverFailsNoLimitIsBrokenNobodyIsDialedTwiceAndNobodyIsSkipped) {
  int crashes = 0;
  int64_t dialed = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const SimulationResult result = Simulate({.contacts = 60}, seed);
    ASSERT_TRUE(result.complaints.empty()) << "seed " << seed << ":\n" << Joined(result.complaints);
    crashes += result.crashes;
    dialed += result.dialed;
  }
  EXPECT_GT(crashes, 50);
  EXPECT_GT(dialed, 2'000);
}

TEST(SimulationTest, TheSameSeedGivesTheSame) {
  const SimulationResult a = Simulate({.contacts = 30}, 7);
  const SimulationResult b = Simulate({.contacts = 30}, 7);
  EXPECT_EQ(a.events, b.events);
  EXPECT_EQ(a.took, b.took);
  EXPECT_EQ(a.dialed, b.dialed);
  EXPECT_NE(a.events, Simulate({.contacts = 30}, 8).events);
}

}  // namespace
}  // namespace trunkline::scheduler
