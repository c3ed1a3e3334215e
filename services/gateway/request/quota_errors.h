// The refusal of a request that would use more than somebody may: RESOURCE_EXHAUSTED with google.rpc.QuotaFailure, and
// RetryInfo where it is known when it may pass.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/status.h"

namespace trunkline::gateway {

// What is used up, and whose.
struct Quota {
  std::string subject_kind;  // "provider_account", "api_key": also the name of the metadata, with "_id"
  std::string subject;       // its id
  std::string limit;         // "calls_per_second"
  std::string most;          // what the limit allows: "10", "25.00 USD"
};

absl::Status QuotaExceeded(Reason reason, const Quota& quota, std::optional<absl::Duration> wait);

}  // namespace trunkline::gateway
