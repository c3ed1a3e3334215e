#include "services/call-tracking-sync/budget/request_budget.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "libs/base/crypto.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::Resource;

// What is told of how long to wait, at most.
constexpr absl::Duration kLongestTold = absl::Hours(24);
constexpr absl::Duration kUsualPatience = absl::Seconds(30);
// However long nothing changes, whoever waits looks again.
constexpr absl::Duration kLook = absl::Milliseconds(200);

std::pair<Priority, absl::Duration>& Purpose() {
  thread_local std::pair<Priority, absl::Duration> purpose = {Priority::kConsistency, kUsualPatience};
  return purpose;
}

// Stands for the credentials, and tells nothing of them.
std::string DigestOf(const tracking::Account& account) {
  std::string all;
  for (const auto& [name, value] : account.credentials) all += Concat(name, "=", value, "\n");
  return Sha256(all);
}

}  // namespace

Asking::Asking(Priority priority, absl::Duration patience) : before_(Purpose()) { Purpose() = {priority, patience}; }
Asking::~Asking() { Purpose() = before_; }

RequestBudget::RequestBudget(RequestJournal& journal, const Clock& clock, Options options, Told told)
    : journal_(journal), clock_(clock), options_(options), told_(std::move(told)) {}

absl::Status RequestBudget::Take(const tracking::Account& account, const ResourceLimits& limits, int64_t epoch) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = owned_.find(account.id);
    if (known != owned_.end() && known->second->epoch == epoch) {
      known->second->budget.SetLimits(limits);
      known->second->budget.SetCredentials(DigestOf(account));
      return absl::OkStatus();
    }
  }
  TL_ASSIGN_OR_RETURN(const RequestJournal::Memory memory, journal_.Read(account.id, clock_.Now()));
  auto owned = std::make_shared<Owned>(AccountBudget(limits, options_.network_margin));
  owned->epoch = epoch;
  owned->budget.SetCredentials(DigestOf(account));
  owned->budget.Restore(memory.requests, memory.allowance);
  const std::lock_guard lock(mutex_);
  owned_[account.id] = std::move(owned);
  changed_.notify_all();
  return absl::OkStatus();
}

void RequestBudget::SetResting(std::string_view account_id, bool rests) {
  const std::lock_guard lock(mutex_);
  if (const OwnedPtr owned = Find(account_id); owned != nullptr) owned->rests = rests;
  changed_.notify_all();
}

void RequestBudget::Drop(std::string_view account_id) {
  const std::lock_guard lock(mutex_);
  const auto found = owned_.find(account_id);
  if (found != owned_.end()) owned_.erase(found);
  changed_.notify_all();
}

RequestBudget::OwnedPtr RequestBudget::Find(std::string_view account_id) const {
  const auto found = owned_.find(account_id);
  return found == owned_.end() ? nullptr : found->second;
}

absl::Time RequestBudget::EarliestAt(std::string_view account_id, Resource resource, Priority priority) const {
  const std::lock_guard lock(mutex_);
  const OwnedPtr owned = Find(account_id);
  return owned == nullptr ? absl::InfiniteFuture() : EarliestOf(*owned, clock_.Now(), resource, priority);
}

absl::Time RequestBudget::EarliestOf(const Owned& owned, absl::Time now, Resource resource, Priority priority) {
  return owned.rests ? absl::InfiniteFuture() : owned.budget.EarliestAt(now, resource, priority);
}

std::optional<int64_t> RequestBudget::Left(std::string_view account_id, Resource resource, Priority priority) const {
  const std::lock_guard lock(mutex_);
  const OwnedPtr owned = Find(account_id);
  return owned == nullptr ? 0 : owned->budget.Left(clock_.Now(), resource, priority);
}

void RequestBudget::RefuseCredentials(std::string_view account_id) {
  const std::lock_guard lock(mutex_);
  if (const OwnedPtr owned = Find(account_id); owned != nullptr) owned->budget.RefuseCredentials();
  changed_.notify_all();
}

absl::Status RequestBudget::NotOurs(std::string_view account_id) const {
  return absl::FailedPreconditionError(Concat("the account ", account_id, " is read by another replica"));
}

absl::Status RequestBudget::AwaitTurn(std::unique_lock<std::mutex>& lock, std::string_view account_id,
                                      const OwnedPtr& owned, Resource resource, Priority priority,
                                      absl::Time wait_until) {
  const auto index = static_cast<size_t>(resource);
  std::set<std::pair<Priority, int64_t>>& waiting = owned->waiting[index];
  const auto place = waiting.emplace(priority, ++tickets_).first;
  absl::Status outcome = absl::OkStatus();
  while (true) {
    if (Find(account_id) != owned) {
      outcome = NotOurs(account_id);
      break;
    }
    const absl::Time now = clock_.Now();
    const absl::Time earliest = EarliestOf(*owned, now, resource, priority);
    if (earliest > now && earliest > wait_until) {
      outcome = WithRetryAfter(absl::ResourceExhaustedError(owned->rests ? std::string("the account is paused")
                                                                         : Concat("the budget of requests for ",
                                                                                  NameOf(priority), " is used up")),
                               std::min(earliest - now, kLongestTold));
      break;
    }
    const bool first = waiting.begin() == place;
    if (first && earliest <= now && !owned->journaling[index] && owned->budget.HasRoom(resource)) break;
    if (now >= wait_until) {
      outcome =
          WithRetryAfter(absl::ResourceExhaustedError(Concat("other requests come before one for ", NameOf(priority))),
                         absl::Milliseconds(500));
      break;
    }
    const absl::Duration patience =
        std::min({first && earliest > now ? earliest - now : kLook, wait_until - now, kLook});
    changed_.wait_for(lock, absl::ToChronoNanoseconds(std::max(patience, absl::Milliseconds(1))));
  }
  waiting.erase(place);
  if (!outcome.ok()) changed_.notify_all();
  return outcome;
}

absl::Status RequestBudget::Admit(const tracking::Account& account, Resource resource, std::string_view) {
  const auto [priority, patience] = Purpose();
  const absl::Time wait_until = clock_.Now() + patience;
  const auto index = static_cast<size_t>(resource);
  while (true) {
    std::unique_lock lock(mutex_);
    const OwnedPtr owned = Find(account.id);
    if (owned == nullptr) return NotOurs(account.id);
    TL_RETURN_IF_ERROR(AwaitTurn(lock, account.id, owned, resource, priority, wait_until));
    owned->journaling[index] = true;
    lock.unlock();
    const absl::Time began = clock_.Now();
    absl::Status written = journal_.Write(account.id, owned->epoch, resource, priority);
    lock.lock();
    owned->journaling[index] = false;
    const absl::Time now = clock_.Now();
    // It may have been kept all the same; it counts.
    owned->budget.Send(now, resource, priority);
    if (!written.ok()) {
      owned->budget.Withdraw(resource);
      changed_.notify_all();
      return written;
    }
    changed_.notify_all();
    if (now - began <= options_.freshness) return absl::OkStatus();
    owned->budget.Withdraw(resource);
  }
}

void RequestBudget::Tell(const tracking::SentRequest& sent) {
  std::optional<Allowance> changed;
  int64_t epoch = 0;
  const absl::Time now = clock_.Now();
  {
    const std::lock_guard lock(mutex_);
    const OwnedPtr owned = Find(sent.account_id);
    if (owned != nullptr) {
      epoch = owned->epoch;
      if (owned->budget.Answer(now, sent)) changed = owned->budget.allowance(now);
    }
    changed_.notify_all();
  }
  if (told_) told_(sent);
  if (!changed.has_value()) return;
  const absl::Status written = journal_.WriteAllowance(sent.account_id, epoch, *changed, now);
  if (!written.ok()) {
    LogWarning("what a platform said about an account's allowance is not kept",
               {{"provider_account_id", std::string(sent.account_id)}, {"error", written}});
  }
}

}  // namespace trunkline::tracking_sync
