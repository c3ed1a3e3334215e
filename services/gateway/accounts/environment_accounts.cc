#include "services/gateway/accounts/environment_accounts.h"

#include <optional>
#include <set>
#include <utility>

#include "libs/base/environment_seal.h"
#include "libs/base/ids.h"
#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/gateway/accounts/account_directory.h"

namespace trunkline::gateway {
namespace {

using postgres::Transaction;
using tracking::EnvironmentAccount;
using tracking::EnvironmentValue;

constexpr std::string_view kEncryptedEnding = "_ENCRYPTED";
constexpr std::string_view kActor = "environment";

// As the API would be given it: in clear, or as "secret:NAME".
absl::StatusOr<std::string> ReadValue(const EnvironmentValue& read, std::string_view key) {
  if (!read.variable.ends_with(kEncryptedEnding) || IsSecretReference(read.value)) return read.value;
  const absl::StatusOr<std::string> opened = OpenFromEnvironment(key, read.variable, read.value);
  if (opened.ok()) return *opened;
  return absl::InvalidArgumentError(ToAbsl(Concat(
      read.variable, ": must be secret:NAME, or what `trunkctl seal` printed for this variable and credential-key")));
}

absl::StatusOr<AccountRow> RowOf(const std::string& platform, const EnvironmentAccount& account,
                                 const std::string& business_id, std::string_view key, const Integrations& integrations,
                                 const CredentialVault& vault, absl::Time now) {
  accounts::v1::ProviderAccount wanted;
  wanted.set_display_name(Concat(platform, " (environment)"));
  wanted.set_enabled(account.enabled);
  wanted.mutable_settings()->insert(account.settings.begin(), account.settings.end());
  for (const auto& [name, value] : account.credentials) {
    TL_ASSIGN_OR_RETURN((*wanted.mutable_credentials())[name], ReadValue(value, key));
  }
  AccountRow row;
  row.id = UuidOfName("environment account", Concat(business_id, '\0', platform));
  row.business_id = business_id;
  row.provider = platform;
  row.created_at = now;
  row.updated_at = now;
  TL_RETURN_IF_ERROR(
      AccountChecks(vault, integrations).Apply(wanted, {"display_name", "settings", "credentials", "enabled"}, &row));
  return row;
}

bool SaysTheSame(const AccountRow& stored, const AccountRow& wanted, const CredentialVault& vault) {
  const auto is = OpenAccount(stored, vault);
  const auto should = OpenAccount(wanted, vault);
  return is.ok() && should.ok() && is->settings == should->settings && is->credentials == should->credentials &&
         stored.enabled == wanted.enabled;
}

absl::Status Put(Transaction& tx, const AccountRow& wanted, const CredentialVault& vault, absl::Time now) {
  // Of several gateways that start at once one writes first.
  TL_RETURN_IF_ERROR(tx.Execute("SELECT pg_advisory_xact_lock(hashtext('environment_accounts'))", {}).status());
  TL_ASSIGN_OR_RETURN(std::optional<AccountRow> stored, ReadAccount(tx, wanted.id, /*for_update=*/true));
  if (!stored.has_value()) {
    TL_RETURN_IF_ERROR(InsertAccount(tx, wanted));
  } else if (SaysTheSame(*stored, wanted, vault)) {
    return absl::OkStatus();
  } else {
    stored->settings = wanted.settings;
    stored->credentials = wanted.credentials;
    stored->enabled = wanted.enabled;
    TL_RETURN_IF_ERROR(UpdateAccount(tx, *stored, now));
  }
  return WriteAudit(tx, wanted.business_id, kActor,
                    stored.has_value() ? "provider_account.update" : "provider_account.create", wanted.id,
                    {{"provider", wanted.provider}});
}

}  // namespace

absl::StatusOr<std::vector<AccountRow>> EnvironmentAccounts(const tracking::Environment& environment,
                                                            const std::string& business_id,
                                                            std::string_view credential_key,
                                                            const Integrations& integrations,
                                                            const CredentialVault& vault, absl::Time now) {
  std::vector<AccountRow> rows;
  for (const std::string& name : integrations.Names()) {
    if (!integrations.IsTrackingPlatform(name)) continue;
    TL_ASSIGN_OR_RETURN(const std::optional<EnvironmentAccount> account,
                        tracking::ReadEnvironmentAccount(name, environment));
    if (!account.has_value()) continue;
    if (business_id.empty()) {
      return absl::FailedPreconditionError(
          ToAbsl(Concat("the environment describes an account at ", name, ": single-tenant-business must say whose")));
    }
    absl::StatusOr<AccountRow> row = RowOf(name, *account, business_id, credential_key, integrations, vault, now);
    if (!row.ok()) {
      return absl::InvalidArgumentError(
          ToAbsl(Concat("the environment's account at ", name, ": ", ToStd(row.status().message()))));
    }
    rows.push_back(*std::move(row));
  }
  return rows;
}

absl::Status PutEnvironmentAccounts(const std::vector<AccountRow>& rows, postgres::Pool& pool,
                                    const CredentialVault& vault, absl::Time now) {
  for (const AccountRow& row : rows) {
    TL_RETURN_IF_ERROR(pool.InBusiness(row.business_id, [&](Transaction& tx) { return Put(tx, row, vault, now); }));
  }
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
