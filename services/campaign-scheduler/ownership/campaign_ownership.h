// How replicas of the scheduler own campaigns: see libs/ownership/replica.h.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/ownership/replica.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

// Of a replica that owns campaigns: those that run, and those that somebody ran who may have left calls under way. Each
// change of an owner is a CampaignEvent.
ownership::Replica::Options CampaignReplica(std::string database_url, std::string address, absl::Duration silence);

Ownership OwnershipOf(const ownership::Claim& claim);
std::vector<ownership::Ownership> ThingsOf(const std::vector<Ownership>& campaigns);

}  // namespace trunkline::scheduler
