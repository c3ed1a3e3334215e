#include "libs/base/work_queue.h"

#include <gtest/gtest.h>

#include <latch>
#include <vector>

namespace trunkline {
namespace {

TEST(WorkQueueTest, WorkIsDoneAtTheSameTimeAsFarAsThereAreThreads) {
  std::latch both_begun(2);
  WorkQueue queue(/*most_threads=*/2, /*most_waiting=*/10);
  std::latch both_done(2);
  for (int i = 0; i < 2; ++i) {
    // Neither ends before the other has begun.
    EXPECT_TRUE(queue.Add([&] {
      both_begun.arrive_and_wait();
      both_done.count_down();
    }));
  }
  both_done.wait();
}

TEST(WorkQueueTest, WhatWaitsIsDoneInOrderAndWhatIsTooMuchIsRefused) {
  std::latch begun(1);
  std::latch go_on(1);
  std::latch done(2);
  std::vector<int> order;
  WorkQueue queue(/*most_threads=*/1, /*most_waiting=*/2);
  EXPECT_TRUE(queue.Add([&] {
    begun.count_down();
    go_on.wait();
  }));
  begun.wait();
  for (int i = 1; i <= 2; ++i) {
    EXPECT_TRUE(queue.Add([&order, &done, i] {
      order.push_back(i);
      done.count_down();
    }));
  }
  EXPECT_FALSE(queue.Add([] { FAIL() << "there was no room for it"; }));
  go_on.count_down();
  done.wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace trunkline
