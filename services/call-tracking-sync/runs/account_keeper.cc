#include "services/call-tracking-sync/runs/account_keeper.h"

#include <condition_variable>
#include <utility>

#include "libs/base/backoff.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace trunkline::tracking_sync {
namespace {

// How soon a stop is seen, and how close two looks may be.
constexpr absl::Duration kPatience = absl::Milliseconds(100);
constexpr absl::Duration kCloseLooks = absl::Milliseconds(50);
constexpr int kLockClass = 0x74726b4c;  // "trkL"

ownership::Tables TablesOfSync() {
  return {.replicas = "tracking_replicas",
          .owned = "sync_status",
          .key = "provider_account_id",
          .wanted = "o.is_wanted",
          .lock_class = kLockClass,
          .channel = "tracking_accounts"};
}

ownership::Ownership OwnershipOf(const AccountSync& sync) {
  return {sync.owner().account_id, sync.owner().business_id, sync.owner().epoch};
}

}  // namespace

AccountKeeper::AccountKeeper(const AccountParts& parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      status_(absl::UnavailableError("has not joined yet")),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AccountKeeper::~AccountKeeper() { Stop(); }

void AccountKeeper::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const std::vector<ownership::Ownership> owned = DropAll();
  if (replica_ == nullptr) return;
  if (const absl::Status handed = replica_->HandOver(owned); !handed.ok()) {
    LogWarning("accounts could not be handed over; others take them when this process is gone", {{"error", handed}});
  }
  replica_.reset();
}

absl::Status AccountKeeper::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void AccountKeeper::SetStatus(absl::Status status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

std::vector<ownership::Ownership> AccountKeeper::DropAll() {
  std::vector<ownership::Ownership> owned;
  for (const auto& [id, sync] : running_) {
    owned.push_back(OwnershipOf(*sync));
    sync->AskToStop();
  }
  running_.clear();
  return owned;
}

void AccountKeeper::Run(const std::stop_token& stop) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(2));
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    const absl::Status done = Round();
    if (done.ok()) {
      backoff.Reset();
      continue;
    }
    LogWarning("this replica reads no accounts until its session is there again", {{"error", done}});
    SetStatus(done);
    DropAll();
    replica_.reset();
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, absl::ToChronoMilliseconds(backoff.Next()), [] { return false; });
  }
}

absl::Status AccountKeeper::Round() {
  const absl::Time now = parts_.clock.Now();
  if (replica_ == nullptr) {
    TL_ASSIGN_OR_RETURN(replica_, ownership::Replica::Join({.tables = TablesOfSync(),
                                                            .database_url = options_.database_url,
                                                            .address = options_.address,
                                                            .silence = options_.silence}));
    LogInfo("joined", {{"replica_id", replica_->id()}});
    beaten_at_ = now;
    looked_at_ = absl::InfinitePast();
    told_.reset();
    SetStatus(absl::OkStatus());
  }
  if (now - beaten_at_ >= options_.silence) {
    return absl::DeadlineExceededError("this replica gave no sign of life for so long that others may have taken over");
  }
  if (now - beaten_at_ >= options_.heartbeat) {
    TL_RETURN_IF_ERROR(replica_->Beat());
    beaten_at_ = now;  // when it began: what others see is not earlier
  }
  if (now - looked_at_ >= (changed_ ? kCloseLooks : options_.look)) {
    changed_ = false;
    looked_at_ = now;
    TL_RETURN_IF_ERROR(Look(now));
  }
  TL_ASSIGN_OR_RETURN(const bool told, replica_->WaitForChange(changed_ ? kCloseLooks : kPatience));
  changed_ = changed_ || told;
  return absl::OkStatus();
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

absl::Status AccountKeeper::Look(absl::Time now) {
  TL_RETURN_IF_ERROR(TellKnown());
  if (told_ == nullptr) return absl::OkStatus();
  std::vector<ownership::Ownership> finished;
  for (auto it = running_.begin(); it != running_.end();) {
    if (!it->second->IsOver()) {
      ++it;
      continue;
    }
    finished.push_back(OwnershipOf(*it->second));
    it = running_.erase(it);
  }
  TL_RETURN_IF_ERROR(replica_->LetGo(finished));
  TL_ASSIGN_OR_RETURN(const std::vector<ownership::Claim> claims, replica_->ClaimOrphans(running_.size(), now));
  for (const ownership::Claim& claim : claims) {
    const auto& [id, business_id, epoch] = claim.ownership;
    LogInfo("reads an account", {{"provider_account_id", id}, {"epoch", epoch}, {"reason", claim.reason}});
    parts_.metrics.CountTakeover(claim.reason);
    running_[id] = std::make_unique<AccountSync>(parts_, Ownership{id, business_id, epoch});
  }
  parts_.metrics.SetAccounts(running_.size());
  return absl::OkStatus();
}

}  // namespace trunkline::tracking_sync
