// Where the slots are safe: what one leader after the other reads and writes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/concurrency-governor/ledger/journaled_slots.h"
#include "services/concurrency-governor/ledger/ledger_changes.h"
#include "services/concurrency-governor/ledger/level_book.h"

namespace trunkline::governor {

// By partition, the offset of the call event that is read next.
using Positions = std::map<int32_t, int64_t>;

// All that a new leader has to know.
struct JournalContents {
  int64_t epoch = 0;
  std::vector<std::pair<LevelKey, Limits>> limits;
  JournaledSlots slots;
  LearnedCeilings learned;
  Positions positions;
};

// What an election came to.
struct Election {
  std::optional<JournalContents> won;
  std::string leader;  // else the address of the one who leads, as far as it is known
};

// Used by one thread.
class Journal {
 public:
  virtual ~Journal() = default;

  // Tries to become the leader. From its return on nothing of an earlier leader can be committed.
  virtual absl::StatusOr<Election> Stand() = 0;
  // Commits all of it or nothing, in the epoch that was won, and shows that the leader lives. FAILED_PRECONDITION when
  // another leads by now. After any error it is not known whether it was committed: nothing may be granted before
  // Stand() was won again, which reads what is there.
  virtual absl::Status Commit(const LedgerChanges& changes, const Positions& positions) = 0;
  // Gives the leadership up, so that another need not wait for a sign of life.
  virtual void StepDown() = 0;
};

}  // namespace trunkline::governor
