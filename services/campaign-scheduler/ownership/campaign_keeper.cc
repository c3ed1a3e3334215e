#include "services/campaign-scheduler/ownership/campaign_keeper.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/campaign-scheduler/ownership/campaign_ownership.h"

namespace trunkline::scheduler {

CampaignKeeper::CampaignKeeper(Parts parts, Options options)
    : parts_(parts),
      keeper_({.name = "campaigns",
               .replica = CampaignReplica(std::move(options.database_url), std::move(options.address), options.silence),
               .heartbeat = options.heartbeat},
              *this, parts.clock) {}

absl::StatusOr<bool> CampaignKeeper::Look(ownership::Replica& replica, absl::Time now) {
  TL_RETURN_IF_ERROR(replica.LetGo(ThingsOf(parts_.runs.TakeFinished())));
  const std::vector<std::string> running = parts_.runs.Running();
  TL_ASSIGN_OR_RETURN(const std::vector<ownership::Claim> claims, replica.ClaimOrphans(running.size(), now));
  for (const ownership::Claim& claim : claims) {
    LogInfo("runs a campaign",
            {{"campaign_id", claim.ownership.id}, {"epoch", claim.ownership.epoch}, {"reason", claim.reason}});
    parts_.metrics.CountTakeover(claim.reason);
    parts_.runs.Take(OwnershipOf(claim));
  }
  parts_.metrics.SetCampaigns(running.size() + claims.size());
  TL_ASSIGN_OR_RETURN(const std::vector<CampaignNews> news, parts_.store.ReadNews(running));
  parts_.runs.Tell(news);
  TL_ASSIGN_OR_RETURN(const int started, parts_.store.StartScheduled());
  return started > 0;
}

std::vector<ownership::Ownership> CampaignKeeper::DropAll(Drop why) {
  const std::vector<Ownership> dropped = parts_.runs.DropAll();
  for (const Ownership& campaign : dropped) {
    if (why == Drop::kLost) LogWarning("a campaign was dropped", {{"campaign_id", campaign.campaign_id}});
    parts_.metrics.CountLetGo(why == Drop::kLost ? "lost" : "handed_over");
  }
  return ThingsOf(dropped);
}

}  // namespace trunkline::scheduler
