// What DestinationRuleService does, for one business at a time. Each change leaves a row in the audit log.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/destination_policy.h"
#include "trunkline/accounts/v1/destination_rule_service.pb.h"

namespace trunkline::gateway {

class DestinationRules {
 public:
  // All of them outlive the object. The pool acts for one business at a time.
  DestinationRules(postgres::Pool& pool, AccountDirectory& directory, const Clock& clock)
      : pool_(pool), directory_(directory), clock_(clock) {}

  absl::StatusOr<std::vector<accounts::v1::DestinationRule>> List(const rpc::Caller& caller);
  // INVALID_ARGUMENT; RESOURCE_EXHAUSTED LIMIT_REACHED beyond 1,000 rules.
  absl::StatusOr<accounts::v1::DestinationRule> Put(const rpc::Caller& caller,
                                                    const accounts::v1::DestinationRule& rule);
  absl::Status Delete(const rpc::Caller& caller, const std::string& prefix);

 private:
  postgres::Pool& pool_;
  AccountDirectory& directory_;
  const Clock& clock_;
};

}  // namespace trunkline::gateway
