#include "libs/base/nearest_name.h"

#include <gtest/gtest.h>

#include <array>

namespace trunkline {
namespace {

constexpr auto kCities = std::to_array<std::string_view>({"America/Chicago", "America/New_York", "Asia/Kolkata"});

TEST(NearestNameTest, IsTheOneWithTheFewestDifferences) {
  EXPECT_EQ(NearestName("America/NewYork", kCities), "America/New_York");
  EXPECT_EQ(NearestName("asia/calcutta", kCities), "Asia/Kolkata");
  EXPECT_EQ(NearestName("america/chicago", kCities), "America/Chicago");
}

TEST(NearestNameTest, WithoutCandidatesThereIsNone) { EXPECT_EQ(NearestName("x", {}), std::nullopt); }

}  // namespace
}  // namespace trunkline
