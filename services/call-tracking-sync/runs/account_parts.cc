#include "services/call-tracking-sync/runs/account_parts.h"

namespace trunkline::tracking_sync {

ResourceLimits LimitsOf(const TrackedAccount& account) {
  ResourceLimits limits;
  for (size_t i = 0; i < kResources; ++i) {
    limits[i] = tracking::LimitsOf(account.account, account.platform->Limits(static_cast<tracking::Resource>(i)));
  }
  return limits;
}

}  // namespace trunkline::tracking_sync
