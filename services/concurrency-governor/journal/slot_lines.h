// Slots as lines of the journal. A whole line has the columns of active_calls in their order, between tabs; a line of
// an end tells only how the slot ended, and the whole line before it tells the rest. Migrations 0019 and 0020 say it in
// full, and the view active_calls reads the same lines.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/concurrency-governor/ledger/slot.h"

namespace trunkline::governor {

// Append a line, without an end of line.
void AppendWholeLine(const Slot& slot, std::string* lines);
void AppendEndLine(const Slot& slot, std::string* lines);

// Which slot a line is about; of any line.
std::string_view SlotIdOfLine(std::string_view line);
bool IsEndLine(std::string_view line);
// INTERNAL for what is no such line. What a later version added to its end is passed over.
absl::StatusOr<Slot> SlotOfLine(std::string_view whole_line);
absl::StatusOr<SlotEnd> EndOfLine(std::string_view end_line);

}  // namespace trunkline::governor
