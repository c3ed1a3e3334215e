// The accounts at call-tracking platforms, in memory: settings and credentials as the gateway told them last.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "libs/accounts/account_directory.h"
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
  // Both outlive the object.
  TrackedAccounts(const tracking::Registry& platforms, const accounts::AccountDirectory& directory)
      : platforms_(platforms), directory_(directory) {}

  // Null when there is no such account.
  TrackedAccountPtr Find(std::string_view provider_account_id) const;
  // By id; those of other providers are left out. Null until the accounts came for the first time.
  std::shared_ptr<const TrackedAccountMap> Get() const;

 private:
  const tracking::Registry& platforms_;
  const accounts::AccountDirectory& directory_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const accounts::AccountSnapshot> snapshot_;  // that the accounts were taken from
  mutable std::shared_ptr<const TrackedAccountMap> accounts_;
};

}  // namespace trunkline::tracking_sync
