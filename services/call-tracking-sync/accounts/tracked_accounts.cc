#include "services/call-tracking-sync/accounts/tracked_accounts.h"

#include <utility>

namespace trunkline::tracking_sync {

void TrackedAccounts::Set(const std::vector<tracking::Account>& accounts) {
  auto tracked = std::make_shared<TrackedAccountMap>();
  for (const tracking::Account& account : accounts) {
    const tracking::TrackingPlatform* platform = platforms_.Find(account.provider);
    if (platform == nullptr) continue;
    tracked->emplace(account.id, std::make_shared<const TrackedAccount>(TrackedAccount{account, platform}));
  }
  const std::lock_guard lock(mutex_);
  accounts_ = std::move(tracked);
}

TrackedAccountPtr TrackedAccounts::Find(std::string_view provider_account_id) const {
  const auto accounts = Get();
  if (accounts == nullptr) return nullptr;
  const auto found = accounts->find(provider_account_id);
  return found == accounts->end() ? nullptr : found->second;
}

std::shared_ptr<const TrackedAccountMap> TrackedAccounts::Get() const {
  const std::lock_guard lock(mutex_);
  return accounts_;
}

}  // namespace trunkline::tracking_sync
