// What a load of slots counts: pairs of a slot that was granted and given back, and how many are held at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace trunkline::bench {

using SteadyClock = std::chrono::steady_clock;

// By the clients' own count: a slot is held from the answer that grants it until it is asked to be taken back. So the
// most that were held is never more than were granted at once, and a target that grants too many is found out.
class SlotTally {
 public:
  explicit SlotTally(std::chrono::duration<double> length)
      : until_(SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(length)) {}

  bool IsOver() const { return SteadyClock::now() >= until_; }

  void NoteAcquired(int64_t granted, int64_t refused, std::chrono::microseconds took) {
    const int64_t held = held_ += granted;
    int64_t most = most_held_;
    while (held > most && !most_held_.compare_exchange_weak(most, held)) {
    }
    refused_ += refused;
    const std::lock_guard lock(mutex_);
    microseconds_.push_back(took.count());
  }
  void NoteReleasing(int64_t slots) { held_ -= slots; }
  void NoteReleased(int64_t slots) { pairs_ += slots; }
  void NoteError(const std::string& error) {
    const std::lock_guard lock(mutex_);
    ++errors_[error];
  }

  int64_t pairs() const { return pairs_; }
  int64_t refused() const { return refused_; }
  int64_t held() const { return held_; }
  int64_t most_held() const { return most_held_; }
  // Of the acquiring requests, sorted; once nobody counts any more.
  const std::vector<int64_t>& SortedMicroseconds() {
    std::sort(microseconds_.begin(), microseconds_.end());
    return microseconds_;
  }
  const std::map<std::string, int64_t>& errors() const { return errors_; }

 private:
  const SteadyClock::time_point until_;
  std::atomic<int64_t> pairs_ = 0;
  std::atomic<int64_t> refused_ = 0;
  std::atomic<int64_t> held_ = 0;
  std::atomic<int64_t> most_held_ = 0;
  std::mutex mutex_;
  std::vector<int64_t> microseconds_;
  std::map<std::string, int64_t> errors_;
};

}  // namespace trunkline::bench
