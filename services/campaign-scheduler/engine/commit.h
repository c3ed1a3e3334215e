// One transaction of a campaign's owner: what it wants committed, and what came of it.
//
// The transaction begins with the fence: the campaign's row of campaign_progress, with this owner's epoch. When another
// owner has raised it, nothing is committed. All of a batch is committed, or nothing; what a rule or the campaign's state
// forbids by then is committed as forbidden.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

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
  int64_t position = 0;
  std::string contact_id;
  campaigns::v1::ContactState from = campaigns::v1::CONTACT_STATE_PENDING;
  campaigns::v1::ContactState to = campaigns::v1::CONTACT_STATE_WAITING;  // or suppressed, or exhausted
  campaigns::v1::CallRule rule = campaigns::v1::CALL_RULE_UNSPECIFIED;
  absl::Time due_at = absl::InfiniteFuture();  // while it waits
};

// The gateway told the call of an attempt.
struct CallTold {
  std::string attempt_id;
  std::string call_id;
};

// What came of an attempt, and what becomes of its contact.
struct AttemptEnding {
  std::string attempt_id;
  std::string contact_id;
  int64_t position = 0;
  int number = 1;
  std::string call_id;  // empty: there was none
  campaigns::v1::Disposition disposition = campaigns::v1::DISPOSITION_UNSPECIFIED;
  absl::Time ended_at;
  absl::Duration talk;
  std::string outcome;  // campaigns.v1.Attempt with hangup and error alone
  bool counts = true;   // for the caps of contact and number
  int local_hour = -1;  // of the day where the contact is; -1: not known
  campaigns::v1::ContactState contact_state = campaigns::v1::CONTACT_STATE_WAITING;
  campaigns::v1::CallRule rule = campaigns::v1::CALL_RULE_UNSPECIFIED;
  absl::Time due_at = absl::InfiniteFuture();  // while the contact waits
};

// The campaign stops by itself.
struct StopCampaign {
  campaigns::v1::CampaignState to = campaigns::v1::CAMPAIGN_STATE_PAUSED;  // or failed
  std::string actor;  // "auto_pause", "campaign-scheduler"
  std::string reason;
};

struct CommitBatch {
  std::vector<PlannedAttempt> attempts;
  std::vector<ContactPutOff> put_off;
  std::vector<CallTold> calls;
  std::vector<AttemptEnding> endings;
  std::vector<std::string> known_outcomes;  // attempts whose outcome was told again: it is dropped
  std::optional<StopCampaign> stop;
  absl::Duration dial_time;          // from the commit of an attempt to its dial_before
  std::vector<ReachedInHour> hours;  // what the abandon rate is decided by

  bool empty() const {
    return attempts.empty() && put_off.empty() && calls.empty() && endings.empty() && known_outcomes.empty() &&
           !stop.has_value();
  }
};

// An attempt that is committed now: its dial follows.
struct StartedAttempt {
  std::string attempt_id;
  absl::Time committed_at;
  absl::Time dial_before;
};

// A planned attempt that was not committed: its slot goes back, and its contact is as `to` and `due_at` tell. `to` is
// unspecified when nothing was written about the contact: the campaign does not run, or the contact was taken out.
struct DeniedAttempt {
  std::string attempt_id;
  campaigns::v1::ContactState to = campaigns::v1::CONTACT_STATE_UNSPECIFIED;
  campaigns::v1::CallRule rule = campaigns::v1::CALL_RULE_UNSPECIFIED;
  absl::Time due_at = absl::InfiniteFuture();
};

struct CommitResult {
  bool fenced = false;  // another owner runs the campaign; nothing was committed
  absl::Time now;       // the database's
  std::vector<StartedAttempt> started;
  std::vector<DeniedAttempt> denied;
  std::optional<Campaign> campaign;  // when its version is not the one that the batch was made for
  int64_t unfinished = 0;            // contacts that are pending, waiting or in flight
};

}  // namespace trunkline::scheduler
