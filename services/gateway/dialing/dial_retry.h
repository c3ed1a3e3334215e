// Whether a dial that was found out as not placed is tried again: by the policy of its account (RetryPolicy), over the
// same account, for as long as the call is young enough. By default it is not.
//
// The policy trusts the finding. Of a provider that cannot list its calls the finding is the business's own decision
// (doubt_policy.h, residue not_placed): with both, somebody may be called twice, and the business has said so twice.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/account_guard.h"
#include "services/gateway/dialing/dial_pipeline.h"
#include "services/gateway/dialing/doubtful_dials.h"

namespace trunkline::gateway {

// A retry to commit, and to ask for once it is committed.
struct PlannedRetry {
  NextDial dial;
  PreparedDial prepared;
};

class DialRetry {
 public:
  struct Parts {  // all of them outlive the object
    AccountDirectory& accounts;
    const providers::Registry& registry;
    AccountGuard& guard;
    DialPipeline& pipeline;
    const Clock& clock;
  };

  explicit DialRetry(Parts parts) : parts_(parts) {}

  // The next attempt, if the policy allows one now. UNAVAILABLE PROVIDER_ACCOUNT_RESTING: not yet.
  absl::StatusOr<std::optional<PlannedRetry>> Plan(const DoubtfulDial& dial, std::string_view resolved_by);

 private:
  Parts parts_;
};

}  // namespace trunkline::gateway
