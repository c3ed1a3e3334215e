// Contacts and attempts as their tables hold them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

// Columns of "contacts" that ContactOf() reads.
std::string ContactColumns();
inline constexpr int kContactColumns = 13;
// `campaign_state`: with a cancelled campaign, whoever was still to be called was taken out (see ShownCounts).
absl::StatusOr<campaigns::v1::Contact> ContactOf(const postgres::Result& rows, int row,
                                                 campaigns::v1::CampaignState campaign_state);
// The same for a state.
campaigns::v1::ContactState ShownState(campaigns::v1::ContactState state, campaigns::v1::CampaignState campaign_state);

// Columns of "attempts" that AttemptOf() reads, from column `first` on.
std::string AttemptColumns();
inline constexpr int kAttemptColumns = 12;
absl::StatusOr<campaigns::v1::Attempt> AttemptOf(const postgres::Result& rows, int row, int first = 0);

// NOT_FOUND CONTACT_NOT_FOUND.
absl::Status NoSuchContact(std::string_view campaign_id, std::string_view contact_id);
// The contact of a campaign.
absl::StatusOr<campaigns::v1::Contact> ReadContact(postgres::Transaction& tx, std::string_view campaign_id,
                                                   std::string_view contact_id,
                                                   campaigns::v1::CampaignState campaign_state);
// Its attempts, the earliest first.
absl::StatusOr<std::vector<campaigns::v1::Attempt>> ReadAttempts(postgres::Transaction& tx,
                                                                 std::string_view campaign_id, int64_t position);

}  // namespace trunkline::scheduler
