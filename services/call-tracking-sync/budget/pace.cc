#include "services/call-tracking-sync/budget/pace.h"

#include <algorithm>

namespace trunkline::tracking_sync {
namespace {

constexpr double kSlowest = 1.0 / 64;
constexpr double kRecoveredInAMinute = 0.1;

}  // namespace

void Pace::Slow(absl::Time now) {
  value_ = std::max(kSlowest, At(now) / 2);
  since_ = now;
}

double Pace::At(absl::Time now) const {
  if (value_ >= 1) return 1;
  const double minutes = std::max(0.0, absl::FDivDuration(now - since_, absl::Minutes(1)));
  return std::min(1.0, value_ + kRecoveredInAMinute * minutes);
}

}  // namespace trunkline::tracking_sync
