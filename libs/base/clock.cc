#include "libs/base/clock.h"

#include <ctime>

namespace trunkline {
namespace {

absl::Duration SinceStart() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return absl::DurationFromTimespec(time);
}

}  // namespace

absl::Time InMicros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

absl::Time SystemClock::Now() const { return absl::Now(); }

SteadyClock::SteadyClock() : zero_(absl::Now() - SinceStart()) {}

absl::Time SteadyClock::Now() const { return zero_ + SinceStart(); }

ManualClock::ManualClock(absl::Time now) : now_(now) {}

absl::Time ManualClock::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void ManualClock::Advance(absl::Duration by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
}

void ManualClock::Set(absl::Time now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace trunkline
