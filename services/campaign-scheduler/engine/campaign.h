// What the owner of a campaign knows of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/rules/decision.h"
#include "services/campaign-scheduler/rules/people_reached.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

// A campaign as it is to be run. `version` changes with every change of state or settings.
struct Campaign {
  std::string campaign_id;
  std::string business_id;
  v1::CampaignState state = v1::CAMPAIGN_STATE_UNSPECIFIED;
  int64_t version = 0;
  v1::CampaignSettings settings;
  std::shared_ptr<const DialRules> rules;  // of the settings
};

// Somebody to call.
struct Contact {
  v1::Contact record;                    // number, time zone, state, attempts and due_at; without variables
  std::vector<v1::Disposition> endings;  // of each attempt, not_dialed too
  std::string variables;                 // v1::Contact with variables alone, serialized
};

struct DueContact {
  Contact contact;
  NumberFacts number;
};

// An attempt that is committed, and whose end is not.
struct AttemptUnderWay {
  std::string attempt_id;
  int number = 1;
  Contact contact;  // with the endings of the attempts before
  std::string slot_id;
  absl::Time committed_at;
  absl::Time dial_before;
  std::string call_id;  // once the gateway told it
};

// All that a new owner has to know.
struct Takeover {
  Campaign campaign;
  int64_t epoch = 0;
  absl::Time now;                          // the database's
  absl::Time running_since;                // of the campaign: its ramp-up begins there
  std::vector<absl::Time> recent_commits;  // of attempts: those of the last minute and the last one, earliest first
  PeopleReached people;
  std::vector<AttemptUnderWay> under_way;
};

}  // namespace trunkline::scheduler
