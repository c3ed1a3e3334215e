// Checkpoints as their table holds them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "services/call-tracking-sync/passes/checkpoint.h"

namespace trunkline::tracking_sync {

// By pass.
absl::StatusOr<std::map<std::string, Checkpoint>> ReadCheckpoints(postgres::Transaction& tx,
                                                                  std::string_view account_id);
absl::Status WriteCheckpoint(postgres::Transaction& tx, std::string_view account_id, std::string_view business_id,
                             std::string_view pass, const Checkpoint& checkpoint);

}  // namespace trunkline::tracking_sync
