#include "libs/base/backoff.h"

#include <gtest/gtest.h>

#include <cstring>

namespace trunkline {
namespace {

const RandomSource kLargest = [](unsigned char* bytes, size_t count) { std::memset(bytes, 0xFF, count); };

TEST(BackoffTest, BoundsDoubleUpToTheLargest) {
  Backoff backoff(absl::Seconds(1), absl::Seconds(5), kLargest);
  for (const int bound : {1, 2, 4, 5, 5}) {
    const absl::Duration delay = backoff.Next();
    EXPECT_LT(delay, absl::Seconds(bound));
    EXPECT_GT(delay, absl::Seconds(bound) * 0.99);
  }
  backoff.Reset();
  EXPECT_LT(backoff.Next(), absl::Seconds(1));
}

TEST(BackoffTest, DelaysAreSpread) {
  Backoff backoff(absl::Seconds(1), absl::Seconds(1));
  absl::Duration sum;
  for (int i = 0; i < 1000; ++i) sum += backoff.Next();
  EXPECT_NEAR(absl::ToDoubleSeconds(sum), 500, 60);
}

}  // namespace
}  // namespace trunkline
