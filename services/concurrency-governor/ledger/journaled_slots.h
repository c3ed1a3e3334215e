// The slots that a journal tells of, read line by line.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "services/concurrency-governor/ledger/ledger_changes.h"
#include "services/concurrency-governor/ledger/slot.h"

namespace trunkline::governor {

// A slot, and the number of the last line that tells all of it.
struct JournaledSlot {
  int64_t line = 0;
  Slot slot;
};

class JournaledSlots {
 public:
  using BySlotId = absl::btree_map<std::string, JournaledSlot>;

  // Lines in the order of their numbers.
  void ReadWhole(int64_t line, Slot slot);
  // Of a slot that no line tells of nothing is known but that it is forgotten: its whole line was not needed any more.
  void ReadEnd(int64_t line, absl::string_view slot_id, const SlotEnd& end);
  // All lines of a commit.
  void Read(const LedgerChanges& changes);
  // Lines before this one are deleted.
  void Forget(int64_t before);

  const BySlotId& slots() const { return slots_; }
  int64_t last_line() const { return last_line_; }

 private:
  BySlotId slots_;
  int64_t last_line_ = 0;
};

}  // namespace trunkline::governor
