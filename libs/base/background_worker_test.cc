#include "libs/base/background_worker.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace trunkline {
namespace {

// Work that is counted, and waited for.
class CountedWork {
 public:
  absl::StatusOr<bool> Do() {
    const std::lock_guard lock(mutex_);
    ++done_;
    changed_.notify_all();
    return false;
  }
  void AwaitTimes(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_ >= times; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int done_ = 0;
};

TEST(BackgroundWorkerTest, WorksAtOnceAndWhenItIsWoken) {
  CountedWork work;
  BackgroundWorker worker("test", absl::Hours(1), [&] { return work.Do(); });
  work.AwaitTimes(1);
  worker.Wake();
  work.AwaitTimes(2);
}

TEST(BackgroundWorkerTest, WorksAtLatestAfterTheInterval) {
  CountedWork work;
  const BackgroundWorker worker("test", absl::Milliseconds(1), [&] { return work.Do(); });
  work.AwaitTimes(3);
}

// Whoever wakes it while it gathers is served by the work that follows; whoever wakes it later, by the next.
TEST(BackgroundWorkerTest, NobodyWhoWakesItIsForgottenWhileItGathers) {
  CountedWork work;
  BackgroundWorker worker(
      "test", absl::Hours(1), [&] { return work.Do(); }, absl::Milliseconds(2));
  work.AwaitTimes(1);
  for (int i = 2; i < 50; ++i) {
    worker.Wake();
    worker.Wake();
    work.AwaitTimes(i);
  }
}

TEST(BackgroundWorkerTest, EndsWhileItGathers) {
  CountedWork work;
  BackgroundWorker worker(
      "test", absl::Hours(1), [&] { return work.Do(); }, absl::Hours(1));
  work.AwaitTimes(1);
  worker.Wake();
}

TEST(BackgroundWorkerTest, TellsHowTheWorkEndedTheLastTime) {
  std::mutex mutex;
  std::condition_variable changed;
  absl::StatusOr<bool> answer = false;
  bool may_begin = false;
  BackgroundWorker worker("counting sheep", absl::Hours(1), [&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return may_begin; });
    return answer;
  });
  const auto await = [&](absl::StatusCode code) {
    while (worker.status().code() != code) worker.Wake();
  };
  EXPECT_EQ(worker.status().message(), "counting sheep has not begun yet");
  {
    const std::lock_guard lock(mutex);
    may_begin = true;
  }
  changed.notify_all();
  await(absl::StatusCode::kOk);
  {
    const std::lock_guard lock(mutex);
    answer = absl::DataLossError("one is missing");
  }
  await(absl::StatusCode::kDataLoss);
  {
    const std::lock_guard lock(mutex);
    answer = false;
  }
  await(absl::StatusCode::kOk);
}

}  // namespace
}  // namespace trunkline
