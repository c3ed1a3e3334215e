// An account in the hands of its owner: the one replica that asks its platform.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "libs/postgres/connection.h"
#include "libs/tracking/tracking_platform.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::tracking_sync {

// All that is pointed to outlives the work. What asks the platform goes through the budget, by the gate that the
// platform was made with.
struct AccountAtWork {
  const tracking::Account& account;
  const tracking::TrackingPlatform& platform;
  // First in each transaction: ABORTED when the account has another owner, and nothing may be committed any more.
  std::function<absl::Status(postgres::Transaction&)> fence;
  // Sends records that were read on their way to the tables, also when the same was sent before. A transaction of its
  // own; sending twice does no harm. ABORTED as above.
  std::function<absl::Status(const std::vector<tracking::PlatformCall>&, webhooks::v1::RecordReason)> send_records;
};

}  // namespace trunkline::tracking_sync
