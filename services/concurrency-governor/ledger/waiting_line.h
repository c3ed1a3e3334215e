// Requests that wait for a slot: by business, priority before ordinary, and then in the order in which they came.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/slot.h"

namespace trunkline::governor {

// Who asked, as the caller of the ledger knows them.
using Ticket = uint64_t;

struct SlotWish {
  std::string request_id;
  Subject subject;
  SlotKind kind = SlotKind::kOrdinary;
  std::string call_id;  // empty: a reservation
};

struct WaitingRequest {
  std::string slot_id;
  SlotWish wish;
  absl::Time deadline;
  std::vector<Ticket> tickets;  // the same request may come several times
  // How many requests of its business had been granted when a narrower level held this one up first.
  std::optional<uint64_t> held_since = {};
};

class WaitingLine {
 public:
  // Place in a business's line.
  using Place = std::pair<bool, uint64_t>;
  using Line = std::map<Place, WaitingRequest>;

  void Add(WaitingRequest request);
  // The request that waits for this slot; null when none does.
  WaitingRequest* Find(const std::string& slot_id);
  // Notes that a narrower level holds a request up, when so many of its business have been granted.
  void NoteHeld(const std::string& business_id, Place place, uint64_t granted);
  // Takes a request out.
  WaitingRequest Take(const std::string& business_id, Place place);
  // Takes out a request whose deadline has come, the earliest first; false when there is none.
  bool TakeOverdue(absl::Time now, WaitingRequest* request);

  const std::map<std::string, Line>& lines() const { return lines_; }
  size_t size() const { return places_.size(); }
  size_t SizeOf(const std::string& business_id) const;
  absl::Time NextDeadline() const;

 private:
  std::map<std::string, Line> lines_;
  absl::flat_hash_map<std::string, std::pair<std::string, Place>> places_;  // by slot
  std::set<std::tuple<absl::Time, std::string, Place>> deadlines_;
  uint64_t arrivals_ = 0;
};

}  // namespace trunkline::governor
