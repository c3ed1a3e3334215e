// Virtual time: what happens next, and when. Events of the same time happen in the order in which they were planned.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace trunkline::scheduler {

class EventQueue {
 public:
  explicit EventQueue(absl::Time now) : now_(now) {}

  absl::Time now() const { return now_; }
  void At(absl::Time at, std::function<void()> event);
  void After(absl::Duration delay, std::function<void()> event) { At(now_ + delay, std::move(event)); }
  // Lets the next event happen; false when there is none.
  bool Step();
  uint64_t steps() const { return steps_; }

 private:
  struct Event {
    absl::Time at;
    uint64_t order;
    std::function<void()> happen;
    bool operator<(const Event& other) const { return std::pair(at, order) > std::pair(other.at, other.order); }
  };

  absl::Time now_;
  uint64_t steps_ = 0;
  uint64_t planned_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace trunkline::scheduler
