// Tasks in the order of their times; not thread-safe. Shared by the real scheduler and the one of the tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace trunkline::twin {

class TaskHeap {
 public:
  void Push(absl::Time time, std::function<void()> task) {
    tasks_.push_back({time, next_++, std::move(task)});
    std::push_heap(tasks_.begin(), tasks_.end(), Later);
  }
  bool empty() const { return tasks_.empty(); }
  absl::Time next_time() const { return tasks_.front().time; }
  std::function<void()> Pop() {
    std::pop_heap(tasks_.begin(), tasks_.end(), Later);
    std::function<void()> task = std::move(tasks_.back().task);
    tasks_.pop_back();
    return task;
  }

 private:
  struct Entry {
    absl::Time time;
    uint64_t order;
    std::function<void()> task;
  };
  static bool Later(const Entry& a, const Entry& b) { return a.time != b.time ? a.time > b.time : a.order > b.order; }

  std::vector<Entry> tasks_;
  uint64_t next_ = 0;
};

}  // namespace trunkline::twin
