// Campaigns, contacts and numbers as statements of the store give them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "services/campaign-scheduler/engine/campaign.h"

namespace trunkline::scheduler {

// "1,5,-2", as array_to_string gives it; what is no number is left out.
std::vector<int64_t> NumbersOf(std::string_view joined);
// Of microseconds since 1970, likewise.
std::vector<absl::Time> TimesOf(std::string_view joined);
// SQL for a timestamptz[] as TimesOf reads it.
std::string JoinedMicros(std::string_view array);

// DATA_LOSS when the settings cannot be read.
absl::StatusOr<Campaign> MakeCampaign(std::string campaign_id, std::string business_id, v1::CampaignState state,
                                      int64_t version, const std::string& settings,
                                      const std::vector<std::string>& blocked_prefixes);

// Columns of contacts (of that name) that ContactOfRow() reads, and how many they are.
std::string ContactColumnsOf(std::string_view contacts);
inline constexpr int kColumnsOfContact = 10;
// From column `first` on, of rows in the binary format.
Contact ContactOfRow(const postgres::Result& rows, int row, int first, const std::string& campaign_id);

// Columns that tell until when a number is on which do-not-call list; they refer to SuppressionJoin().
std::string ListColumns();
// LEFT JOIN of the do-not-call lists that `number` is on; $1 is the campaign, $2 its business.
std::string SuppressionJoin(std::string_view number);
NumberFacts ListsOfRow(const postgres::Result& rows, int row, int first);

}  // namespace trunkline::scheduler
