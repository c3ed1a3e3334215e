// The last `capacity` entries of something, and how many there were before them.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>

namespace trunkline::twin {

template <typename Entry>
class BoundedLog {
 public:
  explicit BoundedLog(size_t capacity) : capacity_(capacity) {}

  void Add(Entry entry) {
    entries_.push_back(std::move(entry));
    if (entries_.size() <= capacity_) return;
    entries_.pop_front();
    ++dropped_;
  }
  void Clear() {
    entries_.clear();
    dropped_ = 0;
  }
  const std::deque<Entry>& entries() const { return entries_; }
  int64_t dropped() const { return dropped_; }

 private:
  size_t capacity_;
  std::deque<Entry> entries_;
  int64_t dropped_ = 0;
};

}  // namespace trunkline::twin
