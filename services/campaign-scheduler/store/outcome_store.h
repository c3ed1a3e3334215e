// What the call events tell of attempts, until the owner of the campaign takes it over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/campaign-scheduler/engine/inputs.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

// The channel of NOTIFY that tells of new outcomes.
inline constexpr char kAttemptOutcomes[] = "trunkline_attempt_outcomes";

// An outcome as an event tells it.
struct ToldOutcome {
  std::string business_id;
  AttemptOutcome outcome;
};

// What has to be known of an attempt to deal with a machine that picked up.
struct AttemptPlan {
  v1::CampaignSettings settings;
  std::string variables;  // of the contact: v1::Contact with variables alone
};

class OutcomeStore {
 public:
  virtual ~OutcomeStore() = default;

  // Keeps those of attempts that are under way for the business that the event is of, each once; the rest means
  // nothing. Returns how many were new.
  virtual absl::StatusOr<int64_t> Keep(const std::vector<ToldOutcome>& outcomes) = 0;
  // NOT_FOUND when the business has no such attempt under way.
  virtual absl::StatusOr<AttemptPlan> PlanOf(const std::string& business_id, const std::string& attempt_id) = 0;
};

}  // namespace trunkline::scheduler
