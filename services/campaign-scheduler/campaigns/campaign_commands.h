// What somebody lets a campaign do. Each command is one transaction: the campaign, the row of its history and the
// event. A command that finds what it asks for done changes nothing and succeeds; one that the state does not allow
// fails with ILLEGAL_TRANSITION.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"

namespace trunkline::scheduler {

class CampaignCommands {
 public:
  // Both outlive the object.
  CampaignCommands(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  absl::StatusOr<campaigns::v1::Campaign> Create(const rpc::Caller& caller,
                                                 const campaigns::v1::CreateCampaignRequest& request);
  // ABORTED ETAG_MISMATCH. The settings of a campaign in a final state cannot be changed.
  absl::StatusOr<campaigns::v1::Campaign> Update(const rpc::Caller& caller,
                                                 const campaigns::v1::UpdateCampaignRequest& request);
  // A draft or a scheduled one. A paused one is resumed on purpose, never by a late repetition of its start.
  absl::StatusOr<campaigns::v1::Campaign> Start(const rpc::Caller& caller,
                                                const campaigns::v1::StartCampaignRequest& request);
  absl::StatusOr<campaigns::v1::Campaign> Schedule(const rpc::Caller& caller,
                                                   const campaigns::v1::ScheduleCampaignRequest& request);
  absl::StatusOr<campaigns::v1::Campaign> Pause(const rpc::Caller& caller,
                                                const campaigns::v1::PauseCampaignRequest& request);
  absl::StatusOr<campaigns::v1::Campaign> Resume(const rpc::Caller& caller,
                                                 const campaigns::v1::ResumeCampaignRequest& request);
  absl::StatusOr<campaigns::v1::Campaign> Cancel(const rpc::Caller& caller,
                                                 const campaigns::v1::CancelCampaignRequest& request);
  // Contacts are copied in batches; a repetition goes on where the one before was broken off.
  absl::StatusOr<campaigns::v1::Campaign> Clone(const rpc::Caller& caller,
                                                const campaigns::v1::CloneCampaignRequest& request);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
};

}  // namespace trunkline::scheduler
