#include "libs/providers/mock/timer.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"

namespace trunkline::providers::mock {

ThreadTimer::ThreadTimer() : thread_([this] { Run(); }) {}
ThreadTimer::~ThreadTimer() { Stop(); }

absl::Time ThreadTimer::Now() const { return absl::Now(); }

void ThreadTimer::After(absl::Duration delay, std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  tasks_.emplace(Now() + delay, std::move(task));
  changed_.notify_one();
}

void ThreadTimer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void ThreadTimer::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (tasks_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const absl::Duration rest = tasks_.begin()->first - Now();
    if (rest > absl::ZeroDuration()) {
      changed_.wait_for(lock, absl::ToChronoNanoseconds(rest));
      continue;
    }
    const auto task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    lock.unlock();
    task();
    lock.lock();
  }
}

absl::Time ManualTimer::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void ManualTimer::After(absl::Duration delay, std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.emplace(now_ + delay, std::move(task));
}

void ManualTimer::Stop() {
  const std::lock_guard lock(mutex_);
  tasks_.clear();
}

void ManualTimer::Advance(absl::Duration by) {
  std::unique_lock lock(mutex_);
  const absl::Time until = now_ + by;
  while (!tasks_.empty() && tasks_.begin()->first <= until) {
    now_ = std::max(now_, tasks_.begin()->first);
    const auto task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    lock.unlock();
    task();
    lock.lock();
  }
  now_ = until;
}

}  // namespace trunkline::providers::mock
