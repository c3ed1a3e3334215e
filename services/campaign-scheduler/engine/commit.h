// One transaction of a campaign's owner: what it wants committed, and what came of it.
//
// The transaction begins with the fence: the campaign's row of campaign_progress, with this owner's epoch. When another
// owner has raised it, nothing is committed. All of a batch is committed, or nothing; what a rule or the campaign's
// state forbids by then is told as denied. A campaign of which nothing is left to do completes with the batch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"

namespace trunkline::scheduler {

// A dial that holds its slot. Decided once more inside of the transaction, with what is there by then.
struct PlannedAttempt {
  std::string attempt_id;
  int number = 1;
  Contact contact;
  std::string slot_id;
};

// A contact that a rule put off or forbade, without an attempt.
struct ContactPutOff {
  std::string contact_id;
  int64_t position = 0;
  int attempts = 0;                                 // that it had
  v1::ContactState to = v1::CONTACT_STATE_WAITING;  // or suppressed, or exhausted
  v1::CallRule rule = v1::CALL_RULE_UNSPECIFIED;
  std::optional<absl::Time> due_at;  // while it waits
};

// The gateway told the call of an attempt.
struct CallTold {
  std::string attempt_id;
  std::string call_id;
};

// What came of an attempt, and what becomes of its contact.
struct AttemptEnding {
  std::string attempt_id;
  int number = 1;
  std::string contact_id;
  int64_t position = 0;
  std::string to_number;
  absl::Time committed_at;
  std::string call_id;  // empty: there was none
  v1::Disposition disposition = v1::DISPOSITION_UNSPECIFIED;
  absl::Time ended_at;
  absl::Duration talk;
  v1::Attempt outcome;                                         // hangup and error alone
  int attempts = 0;                                            // of the contact, that count, with this one
  int local_hour = -1;                                         // of the day where the contact is; -1: not known
  v1::ContactState contact_state = v1::CONTACT_STATE_WAITING;  // or a final one
  v1::CallRule rule = v1::CALL_RULE_UNSPECIFIED;               // that forbade the contact, when one did
  std::optional<absl::Time> due_at;                            // while the contact waits
};

// The campaign stops by itself.
struct StopCampaign {
  v1::CampaignState to = v1::CAMPAIGN_STATE_PAUSED;  // or failed
  std::string actor;                                 // "auto_pause", "campaign-scheduler"
  std::string reason;
};

struct CommitBatch {
  std::vector<PlannedAttempt> attempts;
  std::vector<ContactPutOff> put_off;
  std::vector<CallTold> calls;
  std::vector<AttemptEnding> endings;
  std::vector<std::string> known_outcomes;  // attempts whose outcome was told once more: it is dropped
  std::optional<StopCampaign> stop;         // pauses the campaign
  absl::Duration dial_time;                 // from the commit of an attempt to its dial_before
  PeopleReached people;                     // what the abandon rate is decided by

  bool empty() const {
    return attempts.empty() && put_off.empty() && calls.empty() && endings.empty() && known_outcomes.empty() &&
           !stop.has_value();
  }
};

// A planned attempt that was not committed; what became of its contact in the same transaction.
struct DeniedAttempt {
  std::string attempt_id;
  v1::Decision decision;
};

struct CommitResult {
  bool fenced = false;  // another owner runs the campaign; nothing was committed
  absl::Time now;       // the database's: when the attempts were committed
  std::vector<std::string> started;
  std::vector<DeniedAttempt> denied;
  std::optional<Campaign> campaign;  // when it is not any more what the batch was made for
};

}  // namespace trunkline::scheduler
