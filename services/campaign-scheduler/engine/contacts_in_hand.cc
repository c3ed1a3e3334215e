#include "services/campaign-scheduler/engine/contacts_in_hand.h"

#include <algorithm>
#include <utility>

namespace trunkline::scheduler {
namespace {

// Whatever was not told is found within it.
constexpr absl::Duration kReadAgain = absl::Seconds(30);

}  // namespace

size_t ContactsInHand::BeginRead(absl::Time now) {
  if (now < next_read()) return 0;
  if (due_at_ <= now) due_at_ = absl::InfiniteFuture();
  reading_ = true;
  told_meanwhile_ = false;
  left_meanwhile_.clear();
  // The database does not know what is in the hands.
  return batch_ + in_hand_.size();
}

void ContactsInHand::Read(DueContacts due, absl::Time now) {
  reading_ = false;
  size_t added = 0;
  for (DueContact& contact : due.contacts) {
    const int64_t position = contact.contact.record.position();
    if (left_meanwhile_.contains(position) || !in_hand_.insert(position).second) continue;
    ready_.push_back(std::move(contact));
    ++added;
  }
  found_nothing_ = added == 0 && !due.more && !told_meanwhile_ && due.next_due_at == absl::InfiniteFuture() &&
                   left_meanwhile_.empty();
  read_at_ =
      due.more || told_meanwhile_ || !left_meanwhile_.empty() ? now : std::min(due.next_due_at, now + kReadAgain);
  left_meanwhile_.clear();
}

void ContactsInHand::ReadFailed(absl::Time again_at) {
  reading_ = false;
  left_meanwhile_.clear();
  read_at_ = again_at;
}

void ContactsInHand::ReadSoon(absl::Time now) {
  told_meanwhile_ = true;
  found_nothing_ = false;
  read_at_ = std::min(read_at_, now);
}

void ContactsInHand::Reopen(absl::Time now) {
  not_before_ = absl::InfinitePast();
  ReadSoon(now);
}

void ContactsInHand::ReadAt(absl::Time due_at) {
  found_nothing_ = false;
  due_at_ = std::min(due_at_, due_at);
}

absl::Time ContactsInHand::next_read() const {
  if (reading_ || !WantsMore()) return absl::InfiniteFuture();
  return std::max(not_before_, std::min(read_at_, due_at_));
}

void ContactsInHand::ReadNotBefore(absl::Time at) { not_before_ = std::max(not_before_, at); }

std::optional<DueContact> ContactsInHand::Take() {
  if (ready_.empty()) return std::nullopt;
  DueContact contact = std::move(ready_.front());
  ready_.pop_front();
  return contact;
}

void ContactsInHand::GiveBack(DueContact contact) { ready_.push_front(std::move(contact)); }

void ContactsInHand::LetGo(int64_t position) {
  in_hand_.erase(position);
  if (reading_) left_meanwhile_.insert(position);
}

void ContactsInHand::DropReady() {
  while (!ready_.empty()) {
    LetGo(ready_.front().contact.record.position());
    ready_.pop_front();
  }
}

}  // namespace trunkline::scheduler
