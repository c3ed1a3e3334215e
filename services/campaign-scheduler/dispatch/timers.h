// Wakes others at times. One thread; what it calls must not block.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace trunkline::scheduler {

class Timers {
 public:
  // The clock outlives the object, and goes on by itself.
  explicit Timers(const Clock& clock);
  // What waits is not called any more.
  ~Timers();

  // Calls `wake` at that time, in place of an earlier one of the same id; not at all at absl::InfiniteFuture().
  void Set(uint64_t id, absl::Time at, std::function<void()> wake);
  void Clear(uint64_t id);

 private:
  using Key = std::pair<absl::Time, uint64_t>;
  void Run(const std::stop_token& stop);
  void Remove(uint64_t id);

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<Key, std::function<void()>> waiting_;
  std::unordered_map<uint64_t, absl::Time> times_;
  std::jthread thread_;
};

}  // namespace trunkline::scheduler
