// The platform's time, by what its answers told. Pure.
#pragma once

#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "libs/tracking/platform_client.h"

namespace trunkline::tracking_sync {

class ServerClock {
 public:
  void Learn(const tracking::Receipt& receipt) {
    if (const auto offset = receipt.ClockOffset(); offset.has_value()) {
      offsets_.push_back(*offset);
      if (offsets_.size() > kRemembered) offsets_.pop_front();
    }
  }
  // Of the last ten answers; nothing while none told the time.
  std::optional<absl::Duration> offset() const {
    if (offsets_.empty()) return std::nullopt;
    absl::Duration sum;
    for (const absl::Duration offset : offsets_) sum += offset;
    return sum / static_cast<int64_t>(offsets_.size());
  }
  absl::Time At(absl::Time ours) const { return ours + offset().value_or(absl::ZeroDuration()); }

 private:
  static constexpr size_t kRemembered = 10;
  std::deque<absl::Duration> offsets_;
};

}  // namespace trunkline::tracking_sync
