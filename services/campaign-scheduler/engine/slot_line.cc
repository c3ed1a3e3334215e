#include "services/campaign-scheduler/engine/slot_line.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/rules/attempt_id.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kAtOnce = absl::Milliseconds(50);
// A slot must last until the gateway binds it.
constexpr absl::Duration kLeast = absl::Seconds(10);
constexpr int kInLineForEachWeight = 2;
constexpr int kHeaviest = 100;

bool IsUsedUp(const absl::Status& status) {
  return ReasonOf(status) == Reason::REASON_SLOT_NOT_FOUND || ReasonOf(status) == Reason::REASON_REQUEST_ID_REUSED;
}

}  // namespace

int NextNumberOf(const Contact& contact) { return static_cast<int>(contact.endings.size()) + 1; }

std::string NextAttemptOf(const Contact& contact) {
  return AttemptIdOf(contact.record.contact_id(), NextNumberOf(contact));
}

size_t SlotLine::Room(int weight, absl::Time now) const {
  if (now < hold_until_) return 0;
  const size_t most =
      in_line_ ? static_cast<size_t>(std::clamp(weight, 1, kHeaviest) * kInLineForEachWeight) : options_.batch;
  // One question without a wait at a time: the next one is asked with what this one tells.
  if (!in_line_ && !asking_.empty()) return 0;
  return most - std::min(most, asking_.size());
}

void SlotLine::Ask(std::vector<DueContact> contacts, absl::Duration wait, absl::Time now, Effects* effects) {
  AcquireSlots all;
  for (DueContact& contact : contacts) {
    const std::string attempt_id = NextAttemptOf(contact.contact);
    const auto tries = tries_.find(contact.contact.record.position());
    SlotWish wish{.request_id = tries == tries_.end() ? attempt_id : Concat(attempt_id, "/", tries->second),
                  .attempt_id = attempt_id};
    asking_.emplace(attempt_id, Asked{.contact = std::move(contact), .at = now});
    if (in_line_) {
      AcquireSlots one{.wishes = {}, .wait = wait};
      one.wishes.push_back(std::move(wish));
      effects->emplace_back(std::move(one));
    } else {
      all.wishes.push_back(std::move(wish));
    }
  }
  if (!all.wishes.empty()) effects->emplace_back(std::move(all));
}

SlotLine::Decided SlotLine::Note(SlotsDecided decided, absl::Time now) {
  Decided result;
  const bool waited = in_line_;
  for (SlotAnswer& answer : decided.answers) {
    const auto found = asking_.find(answer.wish.attempt_id);
    if (found == asking_.end()) continue;
    Asked asked = std::move(found->second);
    asking_.erase(found);
    if (answer.status.ok()) {
      hold_ = absl::ZeroDuration();
      if (waited && now - asked.at < kAtOnce) in_line_ = false;
      held_.push_back({std::move(asked.contact), std::move(answer.slot_id), answer.expires_at});
    } else if (IsUsedUp(answer.status)) {
      NoteReleased(asked.contact);
      result.given_back.push_back(std::move(asked.contact));
    } else if (answer.status.code() == absl::StatusCode::kResourceExhausted) {
      hold_ = absl::ZeroDuration();
      // Refused in the line before its time: a rate or the length of the line stands in the way.
      if (waited && now - asked.at < kAtOnce)
        HoldBack(now + std::clamp(answer.retry_after, kAtOnce, options_.retry_most));
      in_line_ = true;
      (waited ? result.waited : result.given_back).push_back(std::move(asked.contact));
    } else {
      hold_ = std::min(options_.retry_most, std::max(options_.retry, hold_ * 2));
      HoldBack(now + hold_);
      result.given_back.push_back(std::move(asked.contact));
    }
  }
  return result;
}

std::vector<HeldSlot> SlotLine::TakeHeld(size_t most, absl::Time now, std::vector<DueContact>* ended) {
  std::vector<HeldSlot> taken;
  while (!held_.empty() && taken.size() < most) {
    HeldSlot held = std::move(held_.front());
    held_.pop_front();
    if (held.expires_at < now + kLeast) {
      NoteReleased(held.contact);
      ended->push_back(std::move(held.contact));
    } else {
      taken.push_back(std::move(held));
    }
  }
  return taken;
}

void SlotLine::GiveBack(std::vector<HeldSlot> held) {
  held_.insert(held_.begin(), std::make_move_iterator(held.begin()), std::make_move_iterator(held.end()));
}

std::vector<HeldSlot> SlotLine::DropHeld() {
  std::vector<HeldSlot> dropped(std::make_move_iterator(held_.begin()), std::make_move_iterator(held_.end()));
  held_.clear();
  return dropped;
}

void SlotLine::HoldBack(absl::Time until) { hold_until_ = std::max(hold_until_, until); }

}  // namespace trunkline::scheduler
