// What an engine is told.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/commit.h"
#include "services/campaign-scheduler/engine/effects.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::scheduler {

// Of ReadDue.
struct DueContacts {
  std::vector<DueContact> contacts;
  // When the first of the contacts that wait is due, of those that were not read; infinite future when none waits.
  absl::Time next_due_at = absl::InfiniteFuture();
  bool more = false;  // there are due ones beyond those that were read
};
struct ContactsRead {
  absl::StatusOr<DueContacts> due;
};

// Of AcquireSlots.
struct SlotAnswer {
  SlotWish wish;
  absl::Status status;         // OK when it was granted
  std::string slot_id;         // then
  absl::Time expires_at;       // then: unless it is bound to a call before
  absl::Duration retry_after;  // else: when to ask again, as far as that is told
};
struct SlotsDecided {
  std::vector<SlotAnswer> answers;
};

// Of Commit. With an error it was certainly not committed, but for UNKNOWN: then nobody knows.
struct Committed {
  absl::StatusOr<CommitResult> result;
};

// Of Dial: the call, or the gateway's error.
struct DialAnswered {
  std::string attempt_id;
  absl::StatusOr<control::v1::Call> call;
};

// Of FindDial.
struct FoundDial {
  std::optional<control::v1::Call> call;
  absl::Time now;  // the database's: without a call, nothing was dialled up to here
};
struct DialFound {
  std::string attempt_id;
  absl::StatusOr<FoundDial> found;
};

// Of InquireCall: whether the call has ended. An error means that nobody can tell now.
struct CallInquired {
  std::string attempt_id;
  absl::StatusOr<bool> ended;
};

// What the call events told of the end of an attempt's call.
struct AttemptOutcome {
  std::string attempt_id;
  std::string call_id;
  v1::Attempt told;  // disposition, ended_at, hangup, error
  absl::Duration talk;
};
struct OutcomesTold {
  std::vector<AttemptOutcome> outcomes;
};

// Somebody changed the campaign's state or settings.
struct CampaignChanged {
  Campaign campaign;
};

// Contacts were added, or came back.
struct ContactsChanged {};

// Time passed: the engine asked to be woken (CampaignEngine::wake_at).
struct TimePassed {};

using Input = std::variant<ContactsRead, SlotsDecided, Committed, DialAnswered, DialFound, CallInquired, OutcomesTold,
                           CampaignChanged, ContactsChanged, TimePassed>;

}  // namespace trunkline::scheduler
