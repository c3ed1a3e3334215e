// Time, passed in so that tests own it.
#pragma once

#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace trunkline {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// Without what is finer than a microsecond, as PostgreSQL stores times.
absl::Time InMicros(absl::Time time);

// The machine's clock. Thread-safe.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
};

// A clock that stands still until it is moved. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time now);
  absl::Time Now() const override;
  void Advance(absl::Duration by);
  void Set(absl::Time now);

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
};

}  // namespace trunkline
