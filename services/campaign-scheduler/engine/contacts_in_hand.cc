#include "services/campaign-scheduler/engine/contacts_in_hand.h"

#include <algorithm>
#include <utility>

namespace trunkline::scheduler {
namespace {

// Whatever was not told is found within it.
constexpr absl::Duration kReadAgain = absl::Seconds(30);

}  // namespace

std::optional<ReadDue> ContactsInHand::BeginRead(absl::Time now) {
  if (now < next_read()) return std::nullopt;
  if (due_at_ <= now) due_at_ = absl::InfiniteFuture();
  reading_ = true;
  changed_meanwhile_ = false;
  return ReadDue{.most = batch_, .in_hand = {in_hand_.begin(), in_hand_.end()}};
}

void ContactsInHand::Read(DueContacts due, absl::Time now) {
  reading_ = false;
  size_t added = 0;
  for (DueContact& contact : due.contacts) {
    if (!in_hand_.insert(contact.contact.record.position()).second) continue;
    ready_.push_back(std::move(contact));
    ++added;
  }
  const bool more = due.more || changed_meanwhile_;
  found_nothing_ = added == 0 && !more && due.next_due_at == absl::InfiniteFuture();
  read_at_ = more ? now : std::min(due.next_due_at, now + kReadAgain);
}

void ContactsInHand::ReadFailed(absl::Time again_at) {
  reading_ = false;
  read_at_ = again_at;
}

void ContactsInHand::ReadSoon(absl::Time now) {
  changed_meanwhile_ = true;
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
  changed_meanwhile_ = true;  // the read leaves it out
}

void ContactsInHand::DropReady() {
  while (!ready_.empty()) {
    LetGo(ready_.front().contact.record.position());
    ready_.pop_front();
  }
}

}  // namespace trunkline::scheduler
