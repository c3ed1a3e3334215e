// A slot as a line of the journal: the columns of active_calls in their order, between tabs. Migration 0019 says it in
// full, and the view active_calls reads the same lines.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/concurrency-governor/ledger/slot.h"

namespace trunkline::governor {

// Appends the line, without an end of line.
void AppendSlotLine(const Slot& slot, std::string* lines);
// INTERNAL for what is no such line. What a later version added to its end is passed over.
absl::StatusOr<Slot> SlotOfLine(std::string_view line);

}  // namespace trunkline::governor
