#include "services/campaign-scheduler/records/campaign_transition.h"

#include <string>

#include "libs/base/status.h"
#include "services/campaign-scheduler/records/campaign_event_outbox.h"
#include "services/campaign-scheduler/records/change_notice.h"
#include "services/campaign-scheduler/rules/campaign_state.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using postgres::Transaction;

absl::Status CountTime(Transaction& tx, const Campaign& campaign, const CampaignTransition& transition) {
  if (transition.to == campaigns::v1::CAMPAIGN_STATE_RUNNING) {
    return tx
        .Execute(
            "UPDATE campaign_progress SET started_at = coalesce(started_at, $2), running_since = $2 "
            "WHERE campaign_id = $1",
            {campaign.campaign_id(), transition.at})
        .status();
  }
  return tx
      .Execute(
          "UPDATE campaign_progress SET ran = ran + ($2::timestamptz - running_since), running_since = NULL "
          "WHERE campaign_id = $1 AND running_since IS NOT NULL",
          {campaign.campaign_id(), transition.at})
      .status();
}

}  // namespace

absl::Status ChangeState(Transaction& tx, const Campaign& campaign, const CampaignTransition& transition) {
  TL_RETURN_IF_ERROR(CheckTransition(campaign.state(), transition.to));
  TL_RETURN_IF_ERROR(
      tx.Execute("UPDATE campaigns SET state = $2, state_reason = $3, state_actor = $4, state_changed_at = $5, "
                 "starts_at = $6, version = version + 1, updated_at = $5 WHERE campaign_id = $1",
                 {campaign.campaign_id(), static_cast<int>(transition.to), transition.reason, transition.actor,
                  transition.at, transition.starts_at})
          .status());
  TL_RETURN_IF_ERROR(CountTime(tx, campaign, transition));
  TL_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO campaign_transitions (campaign_id, business_id, from_state, to_state, actor, reason, at) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                 {campaign.campaign_id(), campaign.business_id(), static_cast<int>(campaign.state()),
                  static_cast<int>(transition.to), transition.actor, transition.reason, transition.at})
          .status());
  campaigns::v1::CampaignEvent event;
  event.set_type(campaigns::v1::CAMPAIGN_EVENT_TYPE_STATE_CHANGED);
  event.set_actor(std::string(transition.actor));
  event.mutable_state_change()->set_from(campaign.state());
  event.mutable_state_change()->set_to(transition.to);
  event.mutable_state_change()->set_reason(std::string(transition.reason));
  TL_RETURN_IF_ERROR(
      AddCampaignEvent(tx, campaign.business_id(), campaign.campaign_id(), transition.at, std::move(event)));
  return NoticeChange(tx, campaign.campaign_id());
}

}  // namespace trunkline::scheduler
