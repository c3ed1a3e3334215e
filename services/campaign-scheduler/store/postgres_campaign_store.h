// The tables of campaigns, as their owners read and write them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

class PostgresCampaignStore final : public CampaignStore {
 public:
  // The pool is of the role trunkline_scheduler_worker; it outlives the object. `blocked_prefixes` hold for all
  // campaigns.
  PostgresCampaignStore(postgres::Pool& pool, std::vector<std::string> blocked_prefixes)
      : pool_(pool), blocked_prefixes_(std::move(blocked_prefixes)) {}

  absl::StatusOr<Takeover> Load(const Ownership& ownership) override;
  absl::StatusOr<Campaign> ReadCampaign(const std::string& campaign_id) override;
  absl::StatusOr<DueContacts> ReadDue(const Ownership& ownership, const scheduler::ReadDue& wanted) override;
  absl::StatusOr<CommitResult> Commit(const Ownership& ownership, const Campaign& campaign,
                                      const CommitBatch& batch) override;
  absl::StatusOr<std::vector<OutcomeOfCampaign>> ReadOutcomes(const std::vector<std::string>& campaign_ids,
                                                              size_t most) override;
  absl::StatusOr<int> StartScheduled() override;
  absl::StatusOr<std::vector<CampaignNews>> ReadNews(const std::vector<std::string>& campaign_ids) override;

 private:
  postgres::Pool& pool_;
  const std::vector<std::string> blocked_prefixes_;
};

}  // namespace trunkline::scheduler
