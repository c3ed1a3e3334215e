#include "libs/base/work_queue.h"

#include <utility>

namespace trunkline {

WorkQueue::WorkQueue(int most_threads, size_t most_waiting)
    : most_threads_(static_cast<size_t>(most_threads)), most_waiting_(most_waiting) {}

WorkQueue::~WorkQueue() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

bool WorkQueue::Add(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(work));
    if (idle_ < waiting_.size() && threads_.size() < most_threads_) {
      threads_.emplace_back([this](const std::stop_token& stop) { Run(stop); });
    }
  }
  added_.notify_one();
  return true;
}

void WorkQueue::Run(const std::stop_token& stop) {
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      ++idle_;
      const bool has_work = added_.wait(lock, stop, [this] { return !waiting_.empty(); });
      --idle_;
      if (!has_work || stop.stop_requested()) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

}  // namespace trunkline
