#include "tools/provider-twin/tracking/sorted_calls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tools/provider-twin/tracking/draws.h"

namespace trunkline::twin::tracking {
namespace {

// Against a vector that is sorted anew each time.
TEST(SortedCallsTest, AnyChangesLeaveTheOrderRight) {
  Draws draws(1);
  std::vector<int64_t> keys;
  SortedCalls sorted([&](uint32_t call) { return keys[call]; });
  std::vector<uint32_t> expected;
  const auto check = [&] {
    std::sort(expected.begin(), expected.end(),
              [&](uint32_t a, uint32_t b) { return std::pair(keys[a], a) < std::pair(keys[b], b); });
    ASSERT_EQ(sorted.size(), expected.size());
    ASSERT_EQ(sorted.Ascending(0, expected.size()), expected);
    const auto position = static_cast<size_t>(draws.Between(0, static_cast<int64_t>(expected.size()) - 1));
    const int64_t key = keys[expected[position]];
    EXPECT_EQ(sorted.PositionOf(expected[position]), position);
    const auto before =
        std::count_if(expected.begin(), expected.end(), [&](uint32_t call) { return keys[call] < key; });
    EXPECT_EQ(sorted.CountBefore(key), static_cast<size_t>(before));
    const std::vector<uint32_t> down = sorted.Descending(position, 5);
    for (size_t i = 0; i < down.size(); ++i) EXPECT_EQ(down[i], expected[position - i]);
    EXPECT_EQ(down.size(), std::min<size_t>(5, position + 1));
  };
  for (uint32_t call = 0; call < 10'000; ++call) {
    // Few keys, so that many are the same.
    keys.push_back(draws.Between(0, 3'000));
    sorted.Insert(call);
    expected.push_back(call);
  }
  check();
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 400; ++i) {
      const auto call = static_cast<uint32_t>(draws.Between(0, 9'999));
      const bool there = std::find(expected.begin(), expected.end(), call) != expected.end();
      if (there) {
        sorted.Erase(call);
        std::erase(expected, call);
      }
      if (there && draws.Happens(0.3)) continue;
      keys[call] = draws.Between(0, 3'000);
      sorted.Insert(call);
      expected.push_back(call);
    }
    check();
  }
}

TEST(SortedCallsTest, BeyondTheEndIsNothing) {
  SortedCalls sorted([](uint32_t call) { return int64_t{call}; });
  EXPECT_TRUE(sorted.Ascending(0, 5).empty());
  EXPECT_TRUE(sorted.Descending(0, 5).empty());
  sorted.Insert(1);
  EXPECT_EQ(sorted.Ascending(0, 5).size(), 1u);
  EXPECT_TRUE(sorted.Ascending(1, 5).empty());
  sorted.Erase(1);
  EXPECT_EQ(sorted.size(), 0u);
}

}  // namespace
}  // namespace trunkline::twin::tracking
