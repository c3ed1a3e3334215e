// Accounts at call-tracking platforms that the environment describes (libs/tracking/environment_account.h), for a
// deployment with one business. They become rows like those that are created over the API, with an id that follows from
// business and platform. The environment rules: what is changed over the API is changed back at the next start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/tracking/environment_account.h"
#include "services/gateway/accounts/account_checks.h"

namespace trunkline::gateway {

// The rows of all accounts that the environment describes, by the names of `integrations`. INVALID_ARGUMENT names the
// variable or field that is wrong; FAILED_PRECONDITION when there are some and `business_id` is empty.
absl::StatusOr<std::vector<AccountRow>> EnvironmentAccounts(const tracking::Environment& environment,
                                                            const std::string& business_id,
                                                            std::string_view credential_key,
                                                            const Integrations& integrations,
                                                            const CredentialVault& vault, absl::Time now);

// Writes those that are not there, or are different; several gateways may do so at the same time.
absl::Status PutEnvironmentAccounts(const std::vector<AccountRow>& rows, postgres::Pool& pool,
                                    const CredentialVault& vault, absl::Time now);

}  // namespace trunkline::gateway
