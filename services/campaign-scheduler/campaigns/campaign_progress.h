// How far a campaign is, when it may be done, and how well the one who runs it is.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"

namespace trunkline::scheduler {

struct OwnerLimits {
  absl::Duration heartbeat_interval = absl::Seconds(30);  // HEARTBEAT_INTERVAL
  absl::Duration orphaned_after = absl::Seconds(120);     // ORPHAN_DETECTION_THRESHOLD
};

// How well an owner is, by the age of its last sign of life; none: it has given none, or there is no owner.
campaigns::v1::OwnerHealth HealthOf(std::optional<absl::Duration> silent_for, const OwnerLimits& limits);

class ProgressReader {
 public:
  // The pool outlives the object.
  ProgressReader(postgres::Pool& pool, OwnerLimits limits) : pool_(pool), limits_(limits) {}

  // NOT_FOUND CAMPAIGN_NOT_FOUND.
  absl::StatusOr<campaigns::v1::CampaignProgress> Get(std::string_view business_id, std::string_view campaign_id);
  // The same in a transaction of the caller's.
  absl::StatusOr<campaigns::v1::CampaignProgress> Read(postgres::Transaction& tx,
                                                       const campaigns::v1::Campaign& campaign) const;

 private:
  postgres::Pool& pool_;
  const OwnerLimits limits_;
};

}  // namespace trunkline::scheduler
