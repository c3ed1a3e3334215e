// Requests that wait for a slot: by business, priority before ordinary, and then in the order in which they came.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/slot.h"

namespace trunkline::governor {

// Who asked, as the caller of the ledger knows them.
using Ticket = uint64_t;

struct SlotWish {
  std::string request_id;
  Subject subject;
  SlotKind kind = SlotKind::kOrdinary;
  std::string call_id;       // empty: a reservation
  std::string slot_id = {};  // SlotIdOf business and request; the ledger reckons it when it is empty
};

struct WaitingRequest {
  SlotWish wish;
  absl::Time deadline;
  absl::InlinedVector<Ticket, 1> tickets;  // the same request may come several times
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
  size_t size() const { return by_slot_.size(); }
  size_t SizeOf(const std::string& business_id) const;
  absl::Time NextDeadline() const;

 private:
  using Request = Line::iterator;

  WaitingRequest TakeOut(std::map<std::string, Line>::iterator line, Request request);

  std::map<std::string, Line> lines_;
  absl::flat_hash_map<absl::string_view, Request> by_slot_;  // the id is the request's own
  std::map<std::pair<absl::Time, uint64_t>, Request> deadlines_;
  uint64_t arrivals_ = 0;
};

}  // namespace trunkline::governor
