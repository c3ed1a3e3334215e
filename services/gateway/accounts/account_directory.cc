#include "services/gateway/accounts/account_directory.h"

#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using postgres::Transaction;

struct Rows {
  std::vector<AccountRow> accounts;
  std::vector<NumberRow> numbers;
  BusinessLimits limits;
};

absl::StatusOr<Rows> ReadRows(Transaction& tx) {
  Rows rows;
  TL_ASSIGN_OR_RETURN(rows.accounts, ReadAccounts(tx, /*enabled_only=*/false));
  TL_ASSIGN_OR_RETURN(rows.numbers, ReadNumbers(tx));
  TL_ASSIGN_OR_RETURN(rows.limits.destination_rules, ReadDestinationRules(tx));
  TL_ASSIGN_OR_RETURN(rows.limits.keys, ReadKeyLimits(tx));
  return rows;
}

BusinessAccounts Assemble(const Rows& rows, const CredentialVault& vault) {
  BusinessAccounts accounts;
  for (const AccountRow& row : rows.accounts) {
    DirectoryAccount& entry = accounts[row.id];
    absl::StatusOr<providers::Account> opened = OpenAccount(row, vault);
    if (opened.ok()) {
      entry.account = *std::move(opened);
    } else {
      LogError("a provider account's credential cannot be opened",
               {{"provider_account_id", row.id}, {"error", opened.status()}});
      entry.usable = Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                           Concat("a credential of provider account ", row.id, " cannot be opened"));
      entry.account = {.id = row.id,
                       .business_id = row.business_id,
                       .provider = row.provider,
                       .settings = row.settings,
                       .credentials = {}};
    }
    entry.enabled = row.enabled;
    entry.is_default = row.is_default;
    entry.rates = RateLimitsOf(row.call_rates);
    entry.failover_account_ids = row.failover_account_ids;
    entry.retry_not_placed = row.retry_not_placed;
  }
  for (const NumberRow& number : rows.numbers) {
    DirectoryAccount& entry = accounts[number.account_id];
    entry.numbers.insert(number.number);
    if (number.is_default) entry.default_number = number.number;
  }
  return accounts;
}

}  // namespace

AccountDirectory::AccountDirectory(postgres::Pool& pool, const CredentialVault& vault, const Clock& clock,
                                   absl::Duration lifetime)
    : pool_(pool), vault_(vault), clock_(clock), lifetime_(lifetime) {}

absl::StatusOr<AccountDirectory::Entry> AccountDirectory::Recall(const std::string& business_id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = businesses_.find(business_id);
    if (found != businesses_.end() && clock_.Now() - found->second.read_at < lifetime_) return found->second;
  }
  return Read(business_id);
}

absl::StatusOr<AccountDirectory::Entry> AccountDirectory::Read(const std::string& business_id) {
  uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
  }
  const absl::Time now = clock_.Now();
  TL_ASSIGN_OR_RETURN(Rows rows, pool_.InBusiness(business_id, ReadRows));
  Entry entry{.accounts = std::make_shared<const BusinessAccounts>(Assemble(rows, vault_)),
              .limits = std::make_shared<const BusinessLimits>(std::move(rows.limits)),
              .read_at = now};
  const std::lock_guard lock(mutex_);
  if (generation == generation_) businesses_[business_id] = entry;
  return entry;
}

absl::StatusOr<std::shared_ptr<const BusinessAccounts>> AccountDirectory::Of(const std::string& business_id) {
  TL_ASSIGN_OR_RETURN(Entry entry, Recall(business_id));
  return std::move(entry.accounts);
}

absl::StatusOr<std::shared_ptr<const BusinessAccounts>> AccountDirectory::FreshlyOf(const std::string& business_id) {
  TL_ASSIGN_OR_RETURN(Entry entry, Read(business_id));
  return std::move(entry.accounts);
}

absl::StatusOr<std::shared_ptr<const BusinessLimits>> AccountDirectory::LimitsOf(const std::string& business_id) {
  TL_ASSIGN_OR_RETURN(Entry entry, Recall(business_id));
  return std::move(entry.limits);
}

absl::StatusOr<providers::Account> AccountDirectory::Find(const std::string& business_id, std::string_view account_id) {
  TL_ASSIGN_OR_RETURN(std::shared_ptr<const BusinessAccounts> accounts, Of(business_id));
  auto found = accounts->find(account_id);
  if (found == accounts->end() || !found->second.usable.ok()) {
    TL_ASSIGN_OR_RETURN(accounts, FreshlyOf(business_id));
    found = accounts->find(account_id);
  }
  if (found == accounts->end()) return NoSuchAccount(account_id);
  TL_RETURN_IF_ERROR(found->second.usable);
  return found->second.account;
}

void AccountDirectory::Invalidate() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  businesses_.clear();
}

absl::StatusOr<providers::Account> OpenAccount(const AccountRow& row, const CredentialVault& vault) {
  providers::Account account{.id = row.id,
                             .business_id = row.business_id,
                             .provider = row.provider,
                             .settings = row.settings,
                             .credentials = {}};
  for (const auto& [name, stored] : row.credentials) {
    absl::StatusOr<std::string> opened = vault.Open(row.business_id, row.id, name, stored);
    if (!opened.ok()) return Annotate(opened.status(), Concat("credential ", name));
    account.credentials[name] = *std::move(opened);
  }
  return account;
}

absl::Status NoSuchAccount(std::string_view account_id) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND,
               Concat("the business has no provider account ", account_id),
               {{"provider_account_id", std::string(account_id)}});
}

}  // namespace trunkline::gateway
