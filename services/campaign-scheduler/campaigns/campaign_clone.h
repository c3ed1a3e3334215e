// A copy of a campaign: a draft with its settings and, if asked for, its contacts as if they had never been called.
//
// Contacts are copied in batches, each committed with how far the copy is, like an import (and in its table). Whoever
// repeats the request goes on with it.
#pragma once

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"

namespace trunkline::scheduler {

absl::StatusOr<campaigns::v1::Campaign> CloneCampaign(postgres::Pool& pool, const Clock& clock,
                                                      const rpc::Caller& caller,
                                                      const campaigns::v1::CloneCampaignRequest& request);

}  // namespace trunkline::scheduler
