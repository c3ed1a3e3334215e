// What must be true of slots, as the governor's journal holds them. It keeps its own books and believes nobody.
//
//   SlotWatcher watcher(8, 4, /*faults=*/true, complain);
//   watcher.NoteCommitted(changes, now);   // of every commit of the journal
//
// A slot is granted only while every level that it counts at has room under the limit that the journal has by then, and
// only so often in any second, minute and hour; and without a call it ends soon. Where nothing fails, each ends with
// its call or is given back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/slot_ledger.h"

namespace trunkline::scheduler {

class SlotWatcher {
 public:
  using Complain = std::function<void(const std::string& what)>;

  // The limits of the deployment, and of a business without limits of its own; and whether something may fail.
  SlotWatcher(int global_calls, int business_calls, bool faults, Complain complain)
      : global_calls_(global_calls), business_calls_(business_calls), faults_(faults), complain_(std::move(complain)) {}

  void NoteCommitted(const governor::LedgerChanges& changes, absl::Time now);

 private:
  struct Book {
    int in_use = 0;
    std::vector<absl::Time> began;  // of the last hour, where the level has rates
  };
  void Grant(const governor::Slot& slot);
  void End(const governor::Slot& slot);
  void CheckRates(const governor::LevelKey& key, const governor::Rates& rates, Book& book, absl::Time at);
  int MostOf(const governor::LevelKey& key) const;

  const int global_calls_;
  const int business_calls_;
  const bool faults_;
  const Complain complain_;
  std::map<governor::LevelKey, governor::Limits> limits_;
  std::map<governor::LevelKey, Book> books_;
  struct Known {
    int64_t line = 0;  // the last that tells all of it
    bool lives = false;
    absl::Time ended_at;
  };
  std::unordered_map<std::string, Known> known_;  // slots that the journal still tells of
  int64_t looked_until_ = 0;
  std::map<std::string, absl::Time> without_call_;  // slots, since when
};

}  // namespace trunkline::scheduler
