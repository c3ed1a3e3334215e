// The scheduler of the tests: time stands still until it is moved, and then passes from task to task.
#pragma once

#include <utility>

#include "tools/provider-twin/scheduler.h"
#include "tools/provider-twin/task_heap.h"

namespace trunkline::twin {

class ManualScheduler final : public Scheduler {
 public:
  explicit ManualScheduler(absl::Time now) : now_(now) {}

  absl::Time Now() const override { return now_; }
  void After(absl::Duration delay, std::function<void()> task) override { tasks_.Push(now_ + delay, std::move(task)); }

  // Runs everything that is due until then, in order.
  void Advance(absl::Duration by) {
    const absl::Time end = now_ + by;
    while (!tasks_.empty() && tasks_.next_time() <= end) {
      now_ = std::max(now_, tasks_.next_time());
      tasks_.Pop()();
    }
    now_ = end;
  }

 private:
  absl::Time now_;
  TaskHeap tasks_;
};

}  // namespace trunkline::twin
