// Calls by their ids, as many at once as the platform takes.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/tracking/tracking_platform.h"

namespace trunkline::tracking_sync {

struct FetchedCalls {
  std::vector<tracking::PlatformCall> calls;
  std::vector<std::string> unknown;  // the platform knows no such call
  tracking::Receipt receipt;         // of the last request that was answered
};

// How many ids one request takes.
int FetchBatchOf(const tracking::TrackingPlatform& platform);

// Fails with the first request that does, whatever the others gave.
absl::StatusOr<FetchedCalls> FetchCallsById(const tracking::TrackingPlatform& platform,
                                            const tracking::Account& account, const std::vector<std::string>& ids);

}  // namespace trunkline::tracking_sync
