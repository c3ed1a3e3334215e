#include "services/call-tracking-sync/handlers/settling.h"

#include <algorithm>
#include <chrono>

namespace trunkline::tracking_sync {

absl::Duration PatienceOf(const grpc::ServerContext& context) {
  constexpr absl::Duration kMost = absl::Seconds(20);
  constexpr absl::Duration kWayBack = absl::Milliseconds(200);
  const absl::Duration left = absl::FromChrono(context.deadline() - std::chrono::system_clock::now()) - kWayBack;
  return std::clamp(left, absl::ZeroDuration(), kMost);
}

}  // namespace trunkline::tracking_sync
