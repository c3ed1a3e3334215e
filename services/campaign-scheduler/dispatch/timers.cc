#include "services/campaign-scheduler/dispatch/timers.h"

#include <algorithm>
#include <chrono>

namespace trunkline::scheduler {
namespace {

// A clock that is set anew is noticed within it.
constexpr absl::Duration kLongest = absl::Seconds(1);

}  // namespace

Timers::Timers(const Clock& clock) : clock_(clock), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Timers::~Timers() {
  thread_.request_stop();
  thread_.join();
}

void Timers::Set(uint64_t id, absl::Time at, std::function<void()> wake) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    Remove(id);
    if (at == absl::InfiniteFuture()) return;
    times_[id] = at;
    waiting_[{at, id}] = std::move(wake);
    first = waiting_.begin()->first.second == id;
  }
  if (first) changed_.notify_one();
}

void Timers::Clear(uint64_t id) {
  const std::lock_guard lock(mutex_);
  Remove(id);
}

void Timers::Remove(uint64_t id) {
  const auto found = times_.find(id);
  if (found == times_.end()) return;
  waiting_.erase({found->second, id});
  times_.erase(found);
}

void Timers::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const absl::Time now = clock_.Now();
    if (!waiting_.empty() && waiting_.begin()->first.first <= now) {
      const std::function<void()> wake = std::move(waiting_.begin()->second);
      times_.erase(waiting_.begin()->first.second);
      waiting_.erase(waiting_.begin());
      lock.unlock();
      wake();
      lock.lock();
      continue;
    }
    const absl::Duration wait = waiting_.empty() ? kLongest : std::min(kLongest, waiting_.begin()->first.first - now);
    const Key first = waiting_.empty() ? Key(absl::InfiniteFuture(), 0) : waiting_.begin()->first;
    changed_.wait_for(lock, stop, absl::ToChronoMicroseconds(wait),
                      [&] { return !waiting_.empty() && waiting_.begin()->first != first; });
  }
}

}  // namespace trunkline::scheduler
