// The fields of a provider account, before it is stored.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "libs/base/field_checks.h"
#include "services/gateway/accounts/account_store.h"
#include "services/gateway/accounts/credential_vault.h"
#include "services/gateway/accounts/integrations.h"
#include "trunkline/accounts/v1/provider_account_service.pb.h"

namespace trunkline::gateway {

class AccountChecks {
 public:
  // Both outlive the object.
  AccountChecks(const CredentialVault& vault, const Integrations& integrations)
      : vault_(vault), integrations_(integrations) {}

  // Puts the fields of `fields` ("display_name", "settings", ...) into the row, credentials in their stored form, and
  // checks the account that comes of it. INVALID_ARGUMENT names every wrong field, with UNKNOWN_PROVIDER as its reason
  // when neither a provider nor a call-tracking platform of that name is built in.
  absl::Status Apply(const accounts::v1::ProviderAccount& wanted, const std::set<std::string>& fields,
                     AccountRow* row) const;
  // The accounts that calls go over to, among those that the transaction may see.
  absl::Status CheckFailover(postgres::Transaction& tx, const AccountRow& row) const;

 private:
  void ApplySettings(const accounts::v1::ProviderAccount& wanted, AccountRow* row, FieldChecks& checks) const;
  void ApplyCredentials(const accounts::v1::ProviderAccount& wanted, AccountRow* row, FieldChecks& checks) const;

  const CredentialVault& vault_;
  const Integrations& integrations_;
};

// The fields that an update may name.
const std::set<std::string>& ChangeableFields();

}  // namespace trunkline::gateway
