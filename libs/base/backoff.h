// How long to wait before the next try: exponential with full jitter, so that clients that failed together do not come
// back together.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "libs/base/ids.h"

namespace trunkline {

class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration largest, RandomSource random = SystemRandom());

  // For the next try: a random time between zero and a bound that doubles with every call up to `largest`.
  absl::Duration Next();
  // After a success.
  void Reset();

 private:
  absl::Duration first_;
  absl::Duration largest_;
  absl::Duration bound_;
  RandomSource random_;
};

}  // namespace trunkline
