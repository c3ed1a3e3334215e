// What an engine wants done. Whoever runs it does these, in any order and at the same time, and brings what came of
// each back as an input (inputs.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/commit.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::scheduler {

// Read contacts that are due: waiting ones first, by the time since which they are, then pending ones by priority and
// position. -> ContactsRead. One at a time.
struct ReadDue {
  size_t most = 0;
  std::vector<int64_t> in_hand;  // positions that are not wanted: the database does not know of them yet
};

// One slot for each wish, with the request_id that it names. -> SlotsDecided, once for all of them.
struct SlotWish {
  std::string request_id;  // the attempt_id, or the attempt_id with the number of the try
  std::string attempt_id;
};
struct AcquireSlots {
  std::vector<SlotWish> wishes;
  absl::Duration wait;  // how long each may wait for its turn; with zero nobody waits
};

// Give slots back that no attempt was committed for. Nothing comes back.
struct ReleaseSlots {
  std::vector<std::string> slot_ids;
};

// One transaction. -> Committed. One at a time.
struct Commit {
  CommitBatch batch;
};

// Ask the gateway for the call of a committed attempt, once. -> DialAnswered.
struct Dial {
  std::string attempt_id;
  control::v1::InitiateCallRequest request;
};

// Ask the gateway which call an attempt gave. -> DialFound.
struct FindDial {
  std::string attempt_id;
};

// Ask whether a call goes on; if it does not, its outcome follows. -> CallInquired.
struct InquireCall {
  std::string attempt_id;
  std::string call_id;
};

// Calls in progress that the governor lets the campaign have; not limited when 0. Nothing comes back.
struct LimitCampaign {
  int max_concurrent_calls = 0;
};

using Effect = std::variant<ReadDue, AcquireSlots, ReleaseSlots, Commit, Dial, FindDial, InquireCall, LimitCampaign>;
using Effects = std::vector<Effect>;

}  // namespace trunkline::scheduler
