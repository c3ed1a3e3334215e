// The contacts that an engine has read ahead, and when it reads more. In its hands is every contact that was read and
// is not committed: those that are ready, and those that wait for a slot or a commit. None is ever there twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_set>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/inputs.h"

namespace trunkline::scheduler {

class ContactsInHand {
 public:
  explicit ContactsInHand(size_t batch) : batch_(batch) {}

  // What to read now, if anything.
  std::optional<ReadDue> BeginRead(absl::Time now);
  void Read(DueContacts due, absl::Time now);
  void ReadFailed(absl::Time again_at);
  // There may be more than was found last.
  void ReadSoon(absl::Time now);
  // Other rules hold: what was not worth reading may be.
  void Reopen(absl::Time now);
  // A contact will be due then.
  void ReadAt(absl::Time due_at);
  // Nothing is worth reading before that.
  void ReadNotBefore(absl::Time at);

  // The next one that is ready, if any. It stays in the hands until it is let go.
  std::optional<DueContact> Take();
  // It is ready again, before all others.
  void GiveBack(DueContact contact);
  // It is committed, or is to be read again.
  void LetGo(int64_t position);
  // Lets go of all that are ready.
  void DropReady();

  bool empty() const { return in_hand_.empty(); }
  size_t ready() const { return ready_.size(); }
  // The last read found nothing, and nothing was told since.
  bool found_nothing() const { return found_nothing_; }
  // When BeginRead() has something to say, if nothing changes.
  absl::Time next_read() const;

 private:
  bool WantsMore() const { return ready_.size() * 2 < batch_; }

  const size_t batch_;
  std::deque<DueContact> ready_;
  std::unordered_set<int64_t> in_hand_;
  bool reading_ = false;
  bool changed_meanwhile_ = false;  // there may be more than the read under way will find
  bool found_nothing_ = false;
  absl::Time read_at_ = absl::InfinitePast();
  absl::Time not_before_ = absl::InfinitePast();
  absl::Time due_at_ = absl::InfiniteFuture();  // the first that was told
};

}  // namespace trunkline::scheduler
