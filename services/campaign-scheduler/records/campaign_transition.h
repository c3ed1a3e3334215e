// A change of a campaign's state, with everything that belongs to it: the row of the history, the event, the time that
// it ran, and the notice to whoever runs it. Somebody's command and the owner's own changes are made here alike.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

struct CampaignTransition {
  campaigns::v1::CampaignState to = campaigns::v1::CAMPAIGN_STATE_UNSPECIFIED;
  std::string_view actor;   // "api-key:ID", "auto_pause", "schedule", "campaign-scheduler"
  std::string_view reason;  // may be empty
  absl::Time at;
  std::optional<absl::Time> starts_at = std::nullopt;  // for scheduled alone
};

// `campaign` is as the transaction has locked it (LockCampaign). FAILED_PRECONDITION ILLEGAL_TRANSITION, and nothing is
// changed, when its state does not allow it.
absl::Status ChangeState(postgres::Transaction& tx, const campaigns::v1::Campaign& campaign,
                         const CampaignTransition& transition);

}  // namespace trunkline::scheduler
