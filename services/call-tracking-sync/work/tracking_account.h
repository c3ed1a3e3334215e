// The business's account that a request names.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "libs/tracking/registry.h"

namespace trunkline::tracking_sync {

// The platform of an account of the transaction's business. NOT_FOUND PROVIDER_ACCOUNT_NOT_FOUND, also for an account
// at no call-tracking platform; FAILED_PRECONDITION PROVIDER_ACCOUNT_DISABLED.
absl::StatusOr<std::string> PlatformOfAccount(postgres::Transaction& tx, const tracking::Registry& platforms,
                                              std::string_view provider_account_id);

}  // namespace trunkline::tracking_sync
