#include "services/call-tracking-sync/budget/circuit.h"

#include <algorithm>

namespace trunkline::tracking_sync {
namespace {

constexpr int kFailuresToOpen = 5;
constexpr absl::Duration kFirstRest = absl::Seconds(30);
constexpr absl::Duration kLongestRest = absl::Minutes(10);
constexpr int kDoublings = 5;

}  // namespace

void Circuit::Fail(absl::Time now) {
  ++state_.failures;
  if (state_.opened == 0 && state_.failures < kFailuresToOpen) return;
  state_.open_until = now + std::min(kLongestRest, kFirstRest * (1 << std::min(state_.opened, kDoublings)));
  ++state_.opened;
}

absl::Time Circuit::OpenUntil(const std::string& digest) const {
  if (!state_.refused_credentials.empty() && state_.refused_credentials == digest) return absl::InfiniteFuture();
  return state_.open_until;
}

}  // namespace trunkline::tracking_sync
