#include "services/normalizer/stage.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <vector>

namespace trunkline::normalizer {
namespace {

TEST(StageTest, JobsAreDoneInOrderThroughAllStages) {
  std::vector<int> done;
  Stage<int> second([&done](int job) {
    done.push_back(job);
    return absl::OkStatus();
  });
  Stage<int> first([&second](int job) { return second.Put(job); });
  std::vector<int> expected;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(first.Put(i).ok());
    expected.push_back(i);
  }
  EXPECT_TRUE(first.Drain().ok());
  EXPECT_TRUE(second.Drain().ok());
  EXPECT_EQ(done, expected);
}

TEST(StageTest, OneJobWaitsAndNoMore) {
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  Stage<int> stage([gone](int) {
    gone.wait();
    return absl::OkStatus();
  });
  ASSERT_TRUE(stage.Put(1).ok());
  ASSERT_TRUE(stage.Put(2).ok());
  std::future<absl::Status> third = std::async(std::launch::async, [&stage] { return stage.Put(3); });
  EXPECT_EQ(third.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  go.set_value();
  EXPECT_TRUE(third.get().ok());
}

TEST(StageTest, AnErrorEndsTheStage) {
  std::atomic<int> done = 0;
  Stage<int> stage([&done](int job) {
    ++done;
    return job == 2 ? absl::DataLossError("two") : absl::OkStatus();
  });
  (void)stage.Put(1);
  (void)stage.Put(2);
  (void)stage.Put(3);
  EXPECT_EQ(stage.Drain().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(stage.Put(4).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(stage.status().code(), absl::StatusCode::kDataLoss);
  stage.Stop();
  EXPECT_EQ(done, 2);
}

TEST(StageTest, AStoppedStageLetsEverybodyGo) {
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  Stage<int> stage([gone](int) {
    gone.wait();
    return absl::OkStatus();
  });
  (void)stage.Put(1);
  (void)stage.Put(2);
  std::future<absl::Status> third = std::async(std::launch::async, [&stage] { return stage.Put(3); });
  std::jthread stopping([&stage] { stage.Stop(); });
  EXPECT_EQ(third.get().code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(stage.Drain().ok());
  go.set_value();
}

}  // namespace
}  // namespace trunkline::normalizer
