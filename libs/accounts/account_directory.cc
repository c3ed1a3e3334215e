#include "libs/accounts/account_directory.h"

#include <utility>

#include "libs/base/log.h"

namespace trunkline::accounts {
namespace {

// What the gateway stored is well-formed; if it is not all the same, no webhook may slip through.
providers::SourceAddresses ReadSourceAddresses(const providers::Account& account, std::string_view setting) {
  auto addresses = providers::SourceAddresses::Parse(setting);
  if (addresses.ok()) return *std::move(addresses);
  LogError("the source addresses of an account cannot be read; its webhooks are refused",
           {{"provider_account_id", account.id}, {"error", addresses.status()}});
  return providers::SourceAddresses::Nowhere();
}

}  // namespace

AccountSnapshot::AccountSnapshot(std::vector<providers::Account> accounts) : accounts_(std::move(accounts)) {
  for (const providers::Account& account : accounts_) {
    by_id_[account.id] = &account;
    by_provider_[account.provider].push_back(&account);
    const std::string setting = account.Setting(providers::kWebhookSourceAddresses);
    if (!setting.empty()) source_addresses_.emplace(&account, ReadSourceAddresses(account, setting));
  }
}

const providers::Account* AccountSnapshot::FindById(std::string_view provider_account_id) const {
  const auto found = by_id_.find(provider_account_id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<const providers::Account*> AccountSnapshot::FindByExternalAccount(
    std::string_view provider, const providers::WebhookReceiver& receiver, std::string_view external_account) const {
  std::vector<const providers::Account*> matching;
  const auto found = by_provider_.find(provider);
  if (found == by_provider_.end() || external_account.empty()) return matching;
  for (const providers::Account* account : found->second) {
    if (receiver.IsExternalAccount(*account, external_account)) matching.push_back(account);
  }
  return matching;
}

bool AccountSnapshot::MayComeFrom(const providers::Account& account, std::string_view address) const {
  if (source_addresses_.empty()) return true;
  const auto found = source_addresses_.find(&account);
  return found == source_addresses_.end() || found->second.Allow(address);
}

std::shared_ptr<const AccountSnapshot> AccountDirectory::Get() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

void AccountDirectory::Set(std::shared_ptr<const AccountSnapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(snapshot);
  current_ = true;
}

bool AccountDirectory::IsCurrent() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void AccountDirectory::Outdate() {
  const std::lock_guard lock(mutex_);
  current_ = false;
}

}  // namespace trunkline::accounts
