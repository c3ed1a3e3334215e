// A slot: the right to have one call in progress.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/level.h"

namespace trunkline::governor {

// As in the contract.
enum class SlotKind { kOrdinary = 1, kPriority = 2, kInbound = 3 };
enum class ReleaseReason { kNone = 0, kCallEnded = 1, kReturned = 2, kExpired = 3, kFoundEnded = 4, kLifetimeOver = 5 };

struct Slot {
  std::string slot_id;
  int64_t fencing_token = 0;
  std::string request_id;
  Subject subject;
  SlotKind kind = SlotKind::kOrdinary;
  std::string call_id;  // empty: a reservation
  absl::Time granted_at;
  absl::Time expires_at = absl::InfiniteFuture();  // of a reservation
  absl::Time last_news_at;                         // of its call
  bool is_new = false;                             // among changes: the journal does not have it yet
  std::optional<absl::Time> released_at;
  ReleaseReason reason = ReleaseReason::kNone;

  bool IsLive() const { return !released_at.has_value(); }
};

// The one slot that a request of a business can have.
std::string SlotIdOf(const std::string& business_id, const std::string& request_id);

}  // namespace trunkline::governor
