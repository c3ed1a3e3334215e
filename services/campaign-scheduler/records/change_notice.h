// How whoever runs campaigns learns at once that one was changed: its state, its settings, its contacts. A notice only
// wakes; what counts is in the tables, which are looked at again every second whether or not one came.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/postgres/connection.h"

namespace trunkline::scheduler {

// The channel of NOTIFY. The payload is the campaign's id.
inline constexpr char kCampaignChanges[] = "trunkline_campaign_changes";

// Tells of it when the transaction is committed.
absl::Status NoticeChange(postgres::Transaction& tx, std::string_view campaign_id);

}  // namespace trunkline::scheduler
