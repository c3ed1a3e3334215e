// What the owner of a campaign knows of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

// A campaign as it is to be run. `version` changes with every change of state or settings.
struct Campaign {
  std::string campaign_id;
  std::string business_id;
  campaigns::v1::CampaignState state = campaigns::v1::CAMPAIGN_STATE_UNSPECIFIED;
  int64_t version = 0;
  campaigns::v1::CampaignSettings settings;
};

// Somebody to call, with the facts that a decision about them needs.
struct Contact {
  std::string contact_id;
  int64_t position = 0;
  std::string number;  // E.164
  std::string time_zone;
  int priority = 0;
  campaigns::v1::ContactState state = campaigns::v1::CONTACT_STATE_PENDING;
  int attempts = 0;                                 // that count
  std::vector<campaigns::v1::Disposition> endings;  // of each attempt, not_dialed too
  absl::Time due_at = absl::InfinitePast();
  std::string variables;  // campaigns.v1.Contact with variables alone
};

// What is known of a number beyond one campaign.
struct NumberFacts {
  std::vector<absl::Time> dialed_at;  // by campaigns of the business, over the last seven days
  bool suppressed_globally = false;
  bool suppressed_by_business = false;
  bool suppressed_by_campaign = false;
};

struct DueContact {
  Contact contact;
  NumberFacts number;
};

// People reached in one hour, and those of them for whom nobody was there.
struct ReachedInHour {
  absl::Time hour;
  int64_t reached = 0;
  int64_t abandoned = 0;
};

// An attempt that is committed, and of which nobody has committed the end.
struct AttemptUnderWay {
  std::string attempt_id;
  int number = 1;
  Contact contact;  // as it was before the attempt
  std::string slot_id;
  absl::Time committed_at;
  absl::Time dial_before;
  std::string call_id;  // once the gateway told it
};

// All that a new owner has to know. Read in the transaction that made it the owner, or later in the same epoch.
struct Takeover {
  Campaign campaign;
  int64_t epoch = 0;
  absl::Time now;  // the database's
  std::optional<absl::Time> running_since;
  std::vector<absl::Time> recent_commits;  // of attempts, over the last minute, the earliest first
  std::optional<absl::Time> last_commit;   // however long ago
  std::vector<ReachedInHour> hours;        // of the last 30 days
  std::vector<AttemptUnderWay> under_way;
};

// The id of an attempt: whoever goes on with the campaign makes the same one.
std::string AttemptId(const std::string& contact_id, int number);

}  // namespace trunkline::scheduler
