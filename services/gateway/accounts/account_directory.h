// What a dial needs to know of the businesses that call, in memory: provider accounts with their credentials in clear,
// numbers, destination rules, limits of keys.
//
// A business is read when it is first asked for and kept for a while. Invalidate() forgets everything, and is called
// when any of it changed anywhere; a business that is being read meanwhile is not kept.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/providers/account.h"
#include "services/gateway/accounts/account_store.h"
#include "services/gateway/accounts/credential_vault.h"
#include "services/gateway/accounts/key_limits.h"
#include "services/gateway/accounts/rate_limit.h"

namespace trunkline::gateway {

struct DirectoryAccount {
  providers::Account account;
  absl::Status usable;  // not OK when a credential cannot be opened
  bool enabled = false;
  bool is_default = false;
  std::set<std::string, std::less<>> numbers;
  std::string default_number;  // empty when there is none
  std::vector<RateLimit> rates;
  std::vector<std::string> failover_account_ids;
  accounts::v1::RetryPolicy retry_not_placed;
};

// The accounts of one business, by id.
using BusinessAccounts = std::map<std::string, DirectoryAccount, std::less<>>;

// Where the calls of a business may go, and what its keys may do.
struct BusinessLimits {
  std::vector<DestinationRule> destination_rules;
  std::map<std::string, KeyLimits, std::less<>> keys;  // those that have limits
};

class AccountDirectory {
 public:
  // All of them outlive the object. The pool acts for one business at a time.
  AccountDirectory(postgres::Pool& pool, const CredentialVault& vault, const Clock& clock,
                   absl::Duration lifetime = absl::Minutes(5));

  absl::StatusOr<std::shared_ptr<const BusinessAccounts>> Of(const std::string& business_id);
  // Read anew.
  absl::StatusOr<std::shared_ptr<const BusinessAccounts>> FreshlyOf(const std::string& business_id);
  absl::StatusOr<std::shared_ptr<const BusinessLimits>> LimitsOf(const std::string& business_id);
  // One account, enabled or not. NOT_FOUND PROVIDER_ACCOUNT_NOT_FOUND; UNAVAILABLE when it is not usable.
  absl::StatusOr<providers::Account> Find(const std::string& business_id, std::string_view account_id);

  void Invalidate();

 private:
  struct Entry {
    std::shared_ptr<const BusinessAccounts> accounts;
    std::shared_ptr<const BusinessLimits> limits;
    absl::Time read_at;
  };

  absl::StatusOr<Entry> Recall(const std::string& business_id);
  absl::StatusOr<Entry> Read(const std::string& business_id);

  postgres::Pool& pool_;
  const CredentialVault& vault_;
  const Clock& clock_;
  const absl::Duration lifetime_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> businesses_;
  uint64_t generation_ = 0;  // of Invalidate()
};

// The row with its credentials in clear. The error names the credential that cannot be opened.
absl::StatusOr<providers::Account> OpenAccount(const AccountRow& row, const CredentialVault& vault);

// The error that no business is told more by: no such account, or another business's.
absl::Status NoSuchAccount(std::string_view account_id);

}  // namespace trunkline::gateway
