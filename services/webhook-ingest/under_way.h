// How many webhooks are under way: no more than the limit are taken, and whoever keeps them reports to their handler,
// which therefore ends last.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace trunkline::webhook_ingest {

class UnderWay {
 public:
  explicit UnderWay(int64_t most) : most_(most) {}
  // Waits until none is under way.
  ~UnderWay() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

  bool IsFull() {
    const std::lock_guard lock(mutex_);
    return count_ >= most_;
  }
  void Enter() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void Leave() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }

 private:
  const int64_t most_;
  std::mutex mutex_;
  std::condition_variable none_;
  int64_t count_ = 0;
};

}  // namespace trunkline::webhook_ingest
