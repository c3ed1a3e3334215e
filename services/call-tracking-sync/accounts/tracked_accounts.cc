#include "services/call-tracking-sync/accounts/tracked_accounts.h"

#include <utility>

namespace trunkline::tracking_sync {

TrackedAccountPtr TrackedAccounts::Find(std::string_view provider_account_id) const {
  const auto accounts = Get();
  if (accounts == nullptr) return nullptr;
  const auto found = accounts->find(provider_account_id);
  return found == accounts->end() ? nullptr : found->second;
}

std::shared_ptr<const TrackedAccountMap> TrackedAccounts::Get() const {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const accounts::AccountSnapshot> latest = directory_.Get();
  if (latest == snapshot_) return accounts_;
  auto tracked = std::make_shared<TrackedAccountMap>();
  for (const tracking::Account& account : latest->All()) {
    const tracking::TrackingPlatform* platform = platforms_.Find(account.provider);
    if (platform == nullptr) continue;
    tracked->emplace(account.id, std::make_shared<const TrackedAccount>(TrackedAccount{account, platform}));
  }
  snapshot_ = std::move(latest);
  accounts_ = std::move(tracked);
  return accounts_;
}

}  // namespace trunkline::tracking_sync
