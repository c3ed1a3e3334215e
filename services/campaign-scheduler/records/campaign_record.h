// Campaigns as their tables hold them.
//
// Whoever changes a campaign locks its row of campaign_progress first and its row of campaigns second, as the owner's
// every commit does: nobody waits for each other in a circle.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

// Columns of "campaigns c JOIN campaign_progress p USING (campaign_id)" that CampaignOf() reads.
std::string CampaignColumns();
inline constexpr int kCampaignColumns = 20;
// DATA_LOSS when the settings cannot be read.
absl::StatusOr<campaigns::v1::Campaign> CampaignOf(const postgres::Result& rows, int row);

// What the business sees: of a cancelled campaign, whoever was still to be called was taken out with it. The rows stay
// as they are.
campaigns::v1::ContactCounts ShownCounts(campaigns::v1::ContactCounts counts, campaigns::v1::CampaignState state);

// NOT_FOUND CAMPAIGN_NOT_FOUND.
absl::Status NoSuchCampaign(std::string_view campaign_id);
// INVALID_ARGUMENT for what is no id.
absl::Status CheckCampaignId(std::string_view campaign_id);

// The campaign. NOT_FOUND CAMPAIGN_NOT_FOUND.
absl::StatusOr<campaigns::v1::Campaign> ReadCampaign(postgres::Transaction& tx, std::string_view campaign_id);
// The same, with both of its rows locked until the end of the transaction.
absl::StatusOr<campaigns::v1::Campaign> LockCampaign(postgres::Transaction& tx, std::string_view campaign_id);
// Locks both as an owner does, the campaign against changes only: its state, which stays until the end of the
// transaction.
absl::StatusOr<campaigns::v1::CampaignState> LockProgress(postgres::Transaction& tx, std::string_view campaign_id);

}  // namespace trunkline::scheduler
