// How a campaign asks for slots, and what it holds.
//
// As long as there are any, slots are asked for many at a time, without waiting. When some are refused the campaign
// stands in the governor's line instead: with a few requests, each of one slot and as many as its weight says, each for
// as long as a contact may wait. As the line serves the requests of a business in the order in which they came,
// campaigns that want more than there is share it by their weights. A request that need not wait there shows that there
// is more.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/effects.h"
#include "services/campaign-scheduler/engine/inputs.h"

namespace trunkline::scheduler {

struct HeldSlot {
  DueContact contact;
  std::string slot_id;
  absl::Time expires_at;
};

class SlotLine {
 public:
  struct Options {
    size_t batch = 500;
    absl::Duration retry = absl::Milliseconds(200);
    absl::Duration retry_most = absl::Seconds(5);
  };
  // What came of questions for slots.
  struct Decided {
    std::vector<DueContact> given_back;  // nobody could tell, or another request_id is needed: to be asked for again
    std::vector<DueContact> waited;      // waited as long as they may, in vain
  };

  explicit SlotLine(Options options) : options_(options) {}

  // How many contacts may be asked for now.
  size_t Room(int weight, absl::Time now) const;
  // Asks for them; not more than Room().
  void Ask(std::vector<DueContact> contacts, absl::Duration wait, absl::Time now, Effects* effects);
  Decided Note(SlotsDecided decided, absl::Time now);

  // At most so many that hold a slot; those whose slot is about to end are among `ended` instead.
  std::vector<HeldSlot> TakeHeld(size_t most, absl::Time now, std::vector<DueContact>* ended);
  // A commit is to be tried again.
  void GiveBack(std::vector<HeldSlot> held);
  // Everything that is held.
  std::vector<HeldSlot> DropHeld();
  // The slot of a contact went back without a dial: its request_id is used up.
  void NoteReleased(const DueContact& contact) { ++tries_[contact.contact.record.position()]; }
  // The contact had its attempt, or is put off.
  void Forget(int64_t position) { tries_.erase(position); }
  // Asks for nothing for a while.
  void HoldBack(absl::Time until);

  size_t asking() const { return asking_.size(); }
  size_t held() const { return held_.size(); }
  absl::Time next_ask(absl::Time now) const { return hold_until_ > now ? hold_until_ : absl::InfiniteFuture(); }

 private:
  struct Asked {
    DueContact contact;
    absl::Time at;
  };

  const Options options_;
  bool in_line_ = false;                           // some were refused
  std::unordered_map<std::string, Asked> asking_;  // by attempt
  std::deque<HeldSlot> held_;
  std::unordered_map<int64_t, int> tries_;  // by position; not there: the first
  absl::Time hold_until_ = absl::InfinitePast();
  absl::Duration hold_ = absl::ZeroDuration();
};

// The attempt that a contact is up to.
int NextNumberOf(const Contact& contact);
std::string NextAttemptOf(const Contact& contact);

}  // namespace trunkline::scheduler
