#include "tools/provider-twin/timer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "tools/provider-twin/manual_scheduler.h"

namespace trunkline::twin {
namespace {

using ::testing::ElementsAre;

TEST(TimerQueueTest, TasksRunInTheOrderOfTheirTimes) {
  TimerQueue timers;
  std::vector<int> order;
  std::promise<void> done;
  timers.After(absl::Milliseconds(20), [&] {
    order.push_back(3);
    done.set_value();
  });
  timers.After(absl::Milliseconds(10), [&] { order.push_back(2); });
  timers.Soon([&] { order.push_back(1); });
  done.get_future().wait();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(TimerQueueTest, TaskMayPlanAnother) {
  TimerQueue timers;
  std::promise<void> done;
  timers.Soon([&] { timers.Soon([&] { done.set_value(); }); });
  done.get_future().wait();
}

TEST(TimerQueueTest, TaskThatThrowsDoesNotEndTheOthers) {
  TimerQueue timers;
  std::promise<void> done;
  timers.Soon([] { throw std::runtime_error("no"); });
  timers.Soon([&] { done.set_value(); });
  done.get_future().wait();
}

TEST(TimerQueueTest, StopLeavesWhatIsNotDue) {
  TimerQueue timers;
  timers.After(absl::Hours(1), [] { FAIL(); });
  timers.Stop();
}

TEST(ManualSchedulerTest, TimePassesFromTaskToTask) {
  ManualScheduler scheduler(absl::UnixEpoch());
  std::vector<absl::Duration> times;
  const auto note = [&] { times.push_back(scheduler.Now() - absl::UnixEpoch()); };
  scheduler.After(absl::Seconds(5), note);
  scheduler.After(absl::Seconds(1), [&] {
    note();
    scheduler.After(absl::Seconds(1), note);
  });
  scheduler.Advance(absl::Seconds(4));
  EXPECT_THAT(times, ElementsAre(absl::Seconds(1), absl::Seconds(2)));
  scheduler.Advance(absl::Seconds(1));
  EXPECT_EQ(times.size(), 3);
}

}  // namespace
}  // namespace trunkline::twin
