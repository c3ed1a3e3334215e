#include "services/concurrency-governor/ledger/level.h"

namespace trunkline::governor {

std::vector<LevelKey> Subject::Levels() const {
  std::vector<LevelKey> levels;
  levels.reserve(5);
  levels.push_back({Level::kGlobal, ""});
  levels.push_back({Level::kBusiness, business_id});
  if (!provider_account_id.empty()) levels.push_back({Level::kProviderAccount, provider_account_id});
  if (!caller_number.empty()) levels.push_back({Level::kCallerNumber, caller_number});
  if (!campaign_id.empty()) levels.push_back({Level::kCampaign, campaign_id});
  return levels;
}

}  // namespace trunkline::governor
