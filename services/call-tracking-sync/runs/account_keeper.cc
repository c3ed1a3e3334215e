#include "services/call-tracking-sync/runs/account_keeper.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"

namespace trunkline::tracking_sync {
namespace {

constexpr int kLockClass = 0x74726b4c;  // "trkL"

ownership::Tables TablesOfSync() {
  return {.replicas = "tracking_replicas",
          .owned = "sync_status",
          .key = "provider_account_id",
          .wanted = "SELECT provider_account_id FROM sync_status WHERE is_wanted",
          .lock_class = kLockClass,
          .channel = "tracking_accounts"};
}

ownership::Ownership OwnershipOf(const AccountSync& sync) {
  return {sync.owner().account_id, sync.owner().business_id, sync.owner().epoch};
}

}  // namespace

AccountKeeper::AccountKeeper(const AccountParts& parts, Options options)
    : parts_(parts),
      keeper_({.name = "accounts of call-tracking platforms",
               .replica = {.tables = TablesOfSync(),
                           .database_url = std::move(options.database_url),
                           .address = std::move(options.address),
                           .silence = options.silence},
               .heartbeat = options.heartbeat},
              *this, clock_) {}

std::vector<ownership::Ownership> AccountKeeper::DropAll(Drop /*why*/) {
  std::vector<ownership::Ownership> owned;
  owned.reserve(running_.size());
  for (const auto& [id, sync] : running_) {
    owned.push_back(OwnershipOf(*sync));
    sync->AskToStop();
  }
  running_.clear();
  return owned;
}

absl::Status AccountKeeper::TellKnown() {
  std::shared_ptr<const TrackedAccountMap> accounts = parts_.accounts.Get();
  if (accounts == nullptr || accounts == told_) return absl::OkStatus();
  std::vector<AccountStore::Known> known;
  for (const auto& [id, account] : *accounts) {
    known.push_back({id, account->account.business_id, account->account.provider});
  }
  TL_RETURN_IF_ERROR(parts_.store.SetKnown(known).status());
  told_ = std::move(accounts);
  return absl::OkStatus();
}

absl::StatusOr<bool> AccountKeeper::Look(ownership::Replica& replica, absl::Time now) {
  TL_RETURN_IF_ERROR(TellKnown());
  if (told_ == nullptr) return false;
  std::vector<ownership::Ownership> finished;
  for (auto it = running_.begin(); it != running_.end();) {
    if (!it->second->IsOver()) {
      ++it;
      continue;
    }
    finished.push_back(OwnershipOf(*it->second));
    it = running_.erase(it);
  }
  TL_RETURN_IF_ERROR(replica.LetGo(finished));
  TL_ASSIGN_OR_RETURN(const std::vector<ownership::Claim> claims, replica.ClaimOrphans(running_.size(), now));
  for (const ownership::Claim& claim : claims) {
    const auto& [id, business_id, epoch] = claim.ownership;
    LogInfo("reads an account", {{"provider_account_id", id}, {"epoch", epoch}, {"reason", claim.reason}});
    parts_.metrics.CountTakeover(claim.reason);
    running_[id] = std::make_unique<AccountSync>(parts_, Ownership{id, business_id, epoch});
  }
  parts_.metrics.SetAccounts(running_.size());
  return false;
}

}  // namespace trunkline::tracking_sync
