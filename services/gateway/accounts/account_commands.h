// What ProviderAccountService does, for one business at a time. Each change leaves a row in the audit log, and is known
// to the directory of this process before it returns.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "services/gateway/accounts/account_checks.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/account_store.h"
#include "services/gateway/accounts/credential_vault.h"
#include "services/gateway/accounts/destination_policy.h"
#include "services/gateway/accounts/integrations.h"
#include "services/gateway/metrics/gateway_metrics.h"
#include "trunkline/accounts/v1/provider_account_service.pb.h"

namespace trunkline::gateway {

class AccountCommands {
 public:
  struct Parts {  // all of them outlive the object
    postgres::Pool& pool;
    AccountDirectory& directory;
    const CredentialVault& vault;
    const Integrations& integrations;
    const DestinationPolicy& destinations;
    GatewayMetrics& metrics;
    const Clock& clock;
  };

  explicit AccountCommands(Parts parts) : parts_(parts), checks_(parts.vault, parts.integrations) {}

  absl::StatusOr<AccountRow> Create(const rpc::Caller& caller, const accounts::v1::ProviderAccount& wanted);
  absl::StatusOr<AccountRow> Get(const rpc::Caller& caller, const std::string& account_id);
  absl::StatusOr<accounts::v1::ListProviderAccountsResponse> List(
      const rpc::Caller& caller, const accounts::v1::ListProviderAccountsRequest& request);
  absl::StatusOr<AccountRow> Update(const rpc::Caller& caller,
                                    const accounts::v1::UpdateProviderAccountRequest& request);
  // The URLs to enter at the provider, by kind of webhook.
  std::map<std::string, std::string> UrlsToEnter(const AccountRow& account) const;
  // What the provider finds wrong with the account.
  absl::StatusOr<std::vector<providers::AccountProblem>> Validate(const rpc::Caller& caller,
                                                                  const std::string& account_id);
  // PERMISSION_DENIED DESTINATION_BLOCKED when its plan would call where no call may go.
  absl::StatusOr<accounts::v1::PhoneNumber> PutNumber(const rpc::Caller& caller,
                                                      const accounts::v1::PhoneNumber& number);
  absl::StatusOr<accounts::v1::ListPhoneNumbersResponse> ListNumbers(
      const rpc::Caller& caller, const accounts::v1::ListPhoneNumbersRequest& request);
  absl::Status DeleteNumber(const rpc::Caller& caller, const std::string& number);

 private:
  Parts parts_;
  AccountChecks checks_;
};

// As replies show it: credentials are hidden, the etag is the revision.
accounts::v1::ProviderAccount ShowAccount(const AccountRow& row);

}  // namespace trunkline::gateway
