#include "libs/base/backoff.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace trunkline {

Backoff::Backoff(absl::Duration first, absl::Duration largest, RandomSource random)
    : first_(first), largest_(largest), bound_(first), random_(std::move(random)) {}

absl::Duration Backoff::Next() {
  uint32_t draw = 0;
  random_(reinterpret_cast<unsigned char*>(&draw), sizeof draw);
  const absl::Duration delay = bound_ * (static_cast<double>(draw) / 4294967296.0);
  bound_ = std::min(bound_ * 2, largest_);
  return delay;
}

void Backoff::Reset() { bound_ = first_; }

}  // namespace trunkline
