// The accounts at call-tracking platforms, in memory: settings and credentials as the gateway told them last.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/tracking/registry.h"

namespace trunkline::tracking_sync {

// An account and its platform. Whoever holds it sees no later change.
struct TrackedAccount {
  tracking::Account account;
  const tracking::TrackingPlatform* platform = nullptr;
};
using TrackedAccountPtr = std::shared_ptr<const TrackedAccount>;
using TrackedAccountMap = std::map<std::string, TrackedAccountPtr, std::less<>>;

// Thread-safe.
class TrackedAccounts {
 public:
  // The registry outlives the object.
  explicit TrackedAccounts(const tracking::Registry& platforms) : platforms_(platforms) {}

  // All accounts there are; those of other providers are left out.
  void Set(const std::vector<tracking::Account>& accounts);

  // Null when there is no such account.
  TrackedAccountPtr Find(std::string_view provider_account_id) const;
  // By id. Null until the accounts came for the first time.
  std::shared_ptr<const TrackedAccountMap> Get() const;

 private:
  const tracking::Registry& platforms_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TrackedAccountMap> accounts_;
};

}  // namespace trunkline::tracking_sync
