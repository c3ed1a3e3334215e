// The scheduler of the running program: one thread that waits for the next task. Thousands of waiting tasks cost it
// nothing but memory.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tools/provider-twin/scheduler.h"
#include "tools/provider-twin/task_heap.h"

namespace trunkline::twin {

class TimerQueue final : public Scheduler {
 public:
  TimerQueue();
  // Throws away what has not run.
  ~TimerQueue() override;

  absl::Time Now() const override;
  void After(absl::Duration delay, std::function<void()> task) override;
  // Ends the thread after the task that runs; no task runs afterwards.
  void Stop();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  TaskHeap tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace trunkline::twin
