// The enabled provider accounts of all businesses, in memory, as the gateway last told them. webhook-ingest finds here
// whom a request claims to be for, so that an unverified one touches nothing else; call-tracking-sync whom to read.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/account.h"
#include "libs/providers/provider.h"
#include "libs/providers/source_addresses.h"

namespace trunkline::accounts {

// All accounts at one time. Immutable.
class AccountSnapshot {
 public:
  explicit AccountSnapshot(std::vector<providers::Account> accounts);

  const std::vector<providers::Account>& All() const { return accounts_; }
  // Null when there is no such account.
  const providers::Account* FindById(std::string_view provider_account_id) const;
  // The accounts of a provider that have this id at the provider: several businesses may share one.
  std::vector<const providers::Account*> FindByExternalAccount(std::string_view provider,
                                                               const providers::WebhookReceiver& receiver,
                                                               std::string_view external_account) const;
  // True when webhooks of the account, which is one of this snapshot, may come from the address.
  bool MayComeFrom(const providers::Account& account, std::string_view address) const;

 private:
  std::vector<providers::Account> accounts_;
  std::map<std::string_view, const providers::Account*> by_id_;
  std::map<std::string_view, std::vector<const providers::Account*>> by_provider_;
  // Only of the accounts that are limited to some.
  std::map<const providers::Account*, providers::SourceAddresses> source_addresses_;
};

// Holds the latest snapshot. Thread-safe.
class AccountDirectory {
 public:
  // Null until the first snapshot has come.
  std::shared_ptr<const AccountSnapshot> Get() const;
  void Set(std::shared_ptr<const AccountSnapshot> snapshot);
  // False while the gateway cannot tell of changes: an account that is not in the snapshot may be there all the same.
  bool IsCurrent() const;
  // Until the next snapshot.
  void Outdate();

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const AccountSnapshot> snapshot_;
  bool current_ = false;
};

}  // namespace trunkline::accounts
