// What the journal must hold before the ledger's decisions are told.
//
// It keeps slots as numbered lines. A whole line tells all of a slot and stands for every line before it; the line of
// an end tells only how it ended, and adds to the whole line before it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "services/concurrency-governor/ledger/level_book.h"
#include "services/concurrency-governor/ledger/slot.h"

namespace trunkline::governor {

// Ceilings of provider accounts.
using LearnedCeilings = std::vector<std::pair<std::string, LearnedCeiling>>;

struct LedgerChanges {
  int64_t first_line = 0;           // the number of the first of the lines that follow, list by list
  std::vector<Slot> slots;          // a whole line each: new or changed, as they are now
  std::vector<Slot> ended;          // the line of an end each: nothing else changed of them
  std::vector<Slot> written_again;  // a whole line each: of slots that did not change, but stood before `needed_from`
  int64_t needed_from = 0;          // of lines before this one the next leader needs none
  std::vector<std::pair<LevelKey, Limits>> limits;
  std::vector<LevelKey> cleared_limits;
  LearnedCeilings learned;
  std::vector<std::string> risen;  // accounts whose learned ceiling is over

  bool empty() const {
    return slots.empty() && ended.empty() && limits.empty() && cleared_limits.empty() && learned.empty() &&
           risen.empty();
  }
};

}  // namespace trunkline::governor
