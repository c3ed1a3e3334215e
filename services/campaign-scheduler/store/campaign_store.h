// What an owner reads of its campaigns and commits. All of it may be called from many threads; it blocks.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/commit.h"
#include "services/campaign-scheduler/engine/inputs.h"

namespace trunkline::scheduler {

// A campaign in an epoch of its owner.
struct Ownership {
  std::string campaign_id;
  std::string business_id;
  int64_t epoch = 0;
};

// Something about a campaign that its owner may not know: another version, or contacts that were added.
struct CampaignNews {
  std::string campaign_id;
  int64_t version = 0;
  int64_t last_position = 0;
  int64_t contacts_unfinished = 0;
};

class CampaignStore {
 public:
  virtual ~CampaignStore() = default;

  // What an owner has to know. FAILED_PRECONDITION when another one has raised the epoch.
  virtual absl::StatusOr<Takeover> Load(const Ownership& ownership) = 0;

  // The campaign as it is.
  virtual absl::StatusOr<Campaign> ReadCampaign(const std::string& campaign_id) = 0;

  // Contacts that are due, with the facts of their numbers.
  virtual absl::StatusOr<DueContacts> ReadDue(const Ownership& ownership, size_t most) = 0;

  // See commit.h. `campaign` is what the batch was made for. UNKNOWN: nobody knows whether it is committed. Any other
  // error: nothing is.
  virtual absl::StatusOr<CommitResult> Commit(const Ownership& ownership, const Campaign& campaign,
                                              const CommitBatch& batch) = 0;

  // What the call events told of attempts of these campaigns, at most so many, and whose owner has not taken it over.
  virtual absl::StatusOr<std::vector<std::pair<std::string, AttemptOutcome>>> ReadOutcomes(
      const std::vector<std::string>& campaign_ids, size_t most) = 0;

  // How these campaigns stand.
  virtual absl::StatusOr<std::vector<CampaignNews>> ReadNews(const std::vector<std::string>& campaign_ids) = 0;
};

}  // namespace trunkline::scheduler
