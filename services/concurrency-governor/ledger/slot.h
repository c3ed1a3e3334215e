// A slot: the right to have one call in progress.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/level.h"

namespace trunkline::governor {

// As in the contract.
enum class SlotKind { kOrdinary = 1, kPriority = 2, kInbound = 3 };
enum class ReleaseReason { kNone = 0, kCallEnded = 1, kReturned = 2, kExpired = 3, kFoundEnded = 4, kLifetimeOver = 5 };

// What a slot is from its grant on; the one that its call is bound with later counts for more.
struct SlotGrant {
  std::string slot_id;
  int64_t fencing_token = 0;
  std::string request_id;
  Subject subject;
  SlotKind kind = SlotKind::kOrdinary;
  absl::Time granted_at;
};

// How a slot ended.
struct SlotEnd {
  absl::Time released_at;
  ReleaseReason reason = ReleaseReason::kNone;
  absl::Time last_news_at;  // of its call, until then
};

// A slot at one moment. Copies share what does not change.
struct Slot {
  std::shared_ptr<const SlotGrant> grant;
  std::string call_id;                             // empty: a reservation
  absl::Time expires_at = absl::InfiniteFuture();  // of a reservation
  absl::Time last_news_at;                         // of its call
  std::optional<absl::Time> released_at;
  ReleaseReason reason = ReleaseReason::kNone;

  bool IsLive() const { return !released_at.has_value(); }
  const std::string& slot_id() const { return grant->slot_id; }
  int64_t fencing_token() const { return grant->fencing_token; }
  const Subject& subject() const { return grant->subject; }
  SlotKind kind() const { return grant->kind; }
  absl::Time granted_at() const { return grant->granted_at; }

  // Of one that has ended.
  SlotEnd end() const { return {*released_at, reason, last_news_at}; }
  void End(const SlotEnd& end) {
    released_at = end.released_at;
    reason = end.reason;
    last_news_at = end.last_news_at;
  }
};

// The one slot that a request of a business can have.
std::string SlotIdOf(const std::string& business_id, const std::string& request_id);

}  // namespace trunkline::governor
