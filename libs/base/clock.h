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

// The machine's clock as it stood when the object was made, and from then on the time that has passed, with that in
// which the machine was suspended: it does not jump when somebody sets the machine's clock. Thread-safe.
class SteadyClock final : public Clock {
 public:
  SteadyClock();
  absl::Time Now() const override;

 private:
  const absl::Time zero_;  // when the machine started, by its clock of then
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
