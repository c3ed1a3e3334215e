// Whether a filter that no document names works at an account.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/tracking/platform_client.h"

namespace trunkline::tracking {

// Asks for calls that ended or changed ten years after `now`: a filter that works gives none, while the same account
// has calls of the last 30 days. False as well when it has none, since nothing can be learned then. Two requests at
// most.
absl::StatusOr<bool> FilterWorks(PlatformClient& client, const Account& account, CallTime time, bool last_changed_first,
                                 absl::Time now);

}  // namespace trunkline::tracking
