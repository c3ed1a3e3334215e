// The part of its limits that an account uses: halved whenever the platform says that there were too many requests,
// since others may use the same limits, and restored by a tenth a minute. Pure.
#pragma once

#include "absl/time/time.h"

namespace trunkline::tracking_sync {

class Pace {
 public:
  Pace() = default;
  Pace(double value, absl::Time since) : value_(value), since_(since) {}

  void Slow(absl::Time now);
  // From 1/64 to 1.
  double At(absl::Time now) const;

 private:
  double value_ = 1;
  absl::Time since_ = absl::InfinitePast();
};

}  // namespace trunkline::tracking_sync
