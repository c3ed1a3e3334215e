// What an owner reads of its campaigns and commits. All of it may be called from many threads; it blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

// What an owner may not know yet.
struct CampaignNews {
  std::string campaign_id;
  int64_t epoch = 0;          // another one: it is not the owner's any more
  int64_t version = 0;        // of state and settings
  int64_t last_position = 0;  // grows with contacts that are added
  int64_t contacts_unfinished = 0;
};

struct OutcomeOfCampaign {
  std::string campaign_id;
  AttemptOutcome outcome;
};

class CampaignStore {
 public:
  virtual ~CampaignStore() = default;

  // What an owner has to know. Waits for a commit of this campaign that may still be under way. FAILED_PRECONDITION
  // when another owner has raised the epoch.
  virtual absl::StatusOr<Takeover> Load(const Ownership& ownership) = 0;

  // The campaign as it is. DATA_LOSS when its settings cannot be read.
  virtual absl::StatusOr<Campaign> ReadCampaign(const std::string& campaign_id) = 0;

  // Contacts that are due and wanted, with the facts of their numbers, in the order that ReadDue tells.
  virtual absl::StatusOr<DueContacts> ReadDue(const Ownership& ownership, const scheduler::ReadDue& wanted) = 0;

  // See commit.h. `campaign` is what the batch was made for. UNKNOWN: nobody knows whether it is committed. Any other
  // error: nothing is.
  virtual absl::StatusOr<CommitResult> Commit(const Ownership& ownership, const Campaign& campaign,
                                              const CommitBatch& batch) = 0;

  // What the call events told of attempts of these campaigns and their owner has not committed, at most so many.
  virtual absl::StatusOr<std::vector<OutcomeOfCampaign>> ReadOutcomes(const std::vector<std::string>& campaign_ids,
                                                                      size_t most) = 0;

  // Starts the campaigns whose time has come, and returns how many. Any replica may do so.
  virtual absl::StatusOr<int> StartScheduled() = 0;

  // How these campaigns stand.
  virtual absl::StatusOr<std::vector<CampaignNews>> ReadNews(const std::vector<std::string>& campaign_ids) = 0;
};

}  // namespace trunkline::scheduler
