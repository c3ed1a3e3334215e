// Reads the campaigns of one business: one, many, and the history of one.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"

namespace trunkline::scheduler {

class CampaignQueries {
 public:
  // The pool outlives the object.
  explicit CampaignQueries(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<campaigns::v1::Campaign> Get(std::string_view business_id, std::string_view campaign_id);
  absl::StatusOr<campaigns::v1::ListCampaignsResponse> List(std::string_view business_id,
                                                            const campaigns::v1::ListCampaignsRequest& request);
  absl::StatusOr<campaigns::v1::ListCampaignTransitionsResponse> ListTransitions(
      std::string_view business_id, const campaigns::v1::ListCampaignTransitionsRequest& request);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::scheduler
