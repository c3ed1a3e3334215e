// Campaign events on their way to Kafka, written in the transaction that makes them true.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "trunkline/campaigns/v1/campaign_event.pb.h"

namespace trunkline::scheduler {

// Adds an event of a campaign whose rows the transaction has locked (LockCampaign). Sets its id, ids, time and
// sequence; type, actor and data are the caller's.
absl::Status AddCampaignEvent(postgres::Transaction& tx, std::string_view business_id, std::string_view campaign_id,
                              absl::Time now, campaigns::v1::CampaignEvent event);

// The id of an event: it follows from campaign and sequence.
std::string CampaignEventId(std::string_view campaign_id, int64_t sequence);

}  // namespace trunkline::scheduler
