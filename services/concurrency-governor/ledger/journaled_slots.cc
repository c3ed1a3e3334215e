#include "services/concurrency-governor/ledger/journaled_slots.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::governor {

void JournaledSlots::ReadWhole(int64_t line, Slot slot) {
  last_line_ = line;
  JournaledSlot& journaled = slots_[slot.slot_id()];
  journaled.line = line;
  journaled.slot = std::move(slot);
}

void JournaledSlots::ReadEnd(int64_t line, absl::string_view slot_id, const SlotEnd& end) {
  last_line_ = line;
  const auto found = slots_.find(slot_id);
  if (found != slots_.end()) found->second.slot.End(end);
}

void JournaledSlots::Read(const LedgerChanges& changes) {
  int64_t line = changes.first_line;
  for (const Slot& slot : changes.slots) ReadWhole(line++, slot);
  for (const Slot& slot : changes.ended) ReadEnd(line++, ToAbsl(slot.slot_id()), slot.end());
  for (const Slot& slot : changes.written_again) ReadWhole(line++, slot);
}

void JournaledSlots::Forget(int64_t before) {
  absl::erase_if(slots_, [before](const auto& known) { return known.second.line < before; });
}

}  // namespace trunkline::governor
