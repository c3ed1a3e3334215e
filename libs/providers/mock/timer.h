// When things happen in the made-up exchange: really in time, or as a test moves it on.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace trunkline::providers::mock {

class Timer {
 public:
  virtual ~Timer() = default;
  virtual absl::Time Now() const = 0;
  // Runs `task` once, when `delay` has passed; tasks of the same time in the order in which they were given. Any
  // thread, a task too.
  virtual void After(absl::Duration delay, std::function<void()> task) = 0;
  // No task runs any more when it returns.
  virtual void Stop() = 0;
};

// Of real time, with a thread of its own.
class ThreadTimer final : public Timer {
 public:
  ThreadTimer();
  ~ThreadTimer() override;

  absl::Time Now() const override;
  void After(absl::Duration delay, std::function<void()> task) override;
  void Stop() override;

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<absl::Time, std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

// Stands still until it is moved. Tasks run in Advance(), in the thread that calls it.
class ManualTimer final : public Timer {
 public:
  explicit ManualTimer(absl::Time now) : now_(now) {}

  absl::Time Now() const override;
  void After(absl::Duration delay, std::function<void()> task) override;
  void Stop() override;
  void Advance(absl::Duration by);

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
  std::multimap<absl::Time, std::function<void()>> tasks_;
};

}  // namespace trunkline::providers::mock
