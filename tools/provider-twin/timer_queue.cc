#include "tools/provider-twin/timer_queue.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/log.h"

namespace trunkline::twin {

TimerQueue::TimerQueue() : thread_([this] { Run(); }) {}

TimerQueue::~TimerQueue() { Stop(); }

absl::Time TimerQueue::Now() const { return absl::Now(); }

void TimerQueue::After(absl::Duration delay, std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  const absl::Time time = absl::Now() + std::max(delay, absl::ZeroDuration());
  const bool is_next = tasks_.empty() || time < tasks_.next_time();
  tasks_.Push(time, std::move(task));
  if (is_next) changed_.notify_one();
}

void TimerQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void TimerQueue::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (tasks_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const absl::Time next = tasks_.next_time();
    if (next > absl::Now()) {
      changed_.wait_until(lock, absl::ToChronoTime(next));
      continue;
    }
    std::function<void()> task = tasks_.Pop();
    lock.unlock();
    try {
      task();
    } catch (const std::exception& exception) {
      LogError("a simulated event failed", {{"error", exception.what()}});
    }
    task = nullptr;  // what it holds is released without the lock
    lock.lock();
  }
}

}  // namespace trunkline::twin
