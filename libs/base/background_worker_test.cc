#include "libs/base/background_worker.h"

#include <gtest/gtest.h>

#include <atomic>

namespace trunkline {
namespace {

TEST(BackgroundWorkerTest, WokenItWorksOnceMoreWithoutWaitingForTheInterval) {
  std::atomic<int> times = 0;
  BackgroundWorker worker("test", absl::Hours(1), [&]() -> absl::StatusOr<bool> {
    ++times;
    times.notify_all();
    return false;
  });
  times.wait(0);
  worker.Wake();
  times.wait(1);
  EXPECT_EQ(times, 2);
}

TEST(BackgroundWorkerTest, ManyWhoWakeItWhileItGathersAreServedTogether) {
  std::atomic<int> times = 0;
  BackgroundWorker worker(
      "test", absl::Hours(1),
      [&]() -> absl::StatusOr<bool> {
        ++times;
        times.notify_all();
        return false;
      },
      /*gather=*/absl::Milliseconds(200));
  times.wait(0);
  for (int i = 0; i < 1'000; ++i) worker.Wake();
  times.wait(1);
  // Whoever was not served by now is so by the next.
  EXPECT_LE(times, 3);
}

TEST(BackgroundWorkerTest, ThereBeingMoreToDoItDoesNotSleep) {
  std::atomic<int> times = 0;
  BackgroundWorker worker(
      "test", absl::Hours(1),
      [&]() -> absl::StatusOr<bool> {
        const bool is_more = ++times < 5;
        times.notify_all();
        return is_more;
      },
      /*gather=*/absl::Hours(1));
  for (int seen = times; seen < 5; seen = times) times.wait(seen);
}

}  // namespace
}  // namespace trunkline
