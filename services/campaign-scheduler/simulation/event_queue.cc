#include "services/campaign-scheduler/simulation/event_queue.h"

#include <algorithm>

namespace trunkline::scheduler {

void EventQueue::At(absl::Time at, std::function<void()> event) {
  events_.push({.at = std::max(at, now_), .order = planned_++, .happen = std::move(event)});
}

bool EventQueue::Step() {
  if (events_.empty()) return false;
  // The queue gives no way to move out of it.
  Event event = std::move(const_cast<Event&>(events_.top()));
  events_.pop();
  now_ = event.at;
  ++steps_;
  event.happen();
  return true;
}

}  // namespace trunkline::scheduler
