#include "services/campaign-scheduler/records/change_notice.h"

namespace trunkline::scheduler {

absl::Status NoticeChange(postgres::Transaction& tx, std::string_view campaign_id) {
  return tx.Execute("SELECT pg_notify($1, $2)", {kCampaignChanges, campaign_id}).status();
}

}  // namespace trunkline::scheduler
