#include "services/campaign-scheduler/simulation/slot_watcher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::scheduler {
namespace {

// Thirty seconds, and as long as the governor can be away.
constexpr absl::Duration kReservation = absl::Seconds(50);
// As long as the governor remembers a slot, its request gives no other.
constexpr absl::Duration kMemory = absl::Minutes(10);
// It looks through all that it knows when so many lines of the journal are not needed any more.
constexpr int64_t kLookedThroughAtOnce = 1'000;

std::string NameOf(const governor::LevelKey& key) { return Concat("level ", static_cast<int>(key.level), " ", key.id); }

}  // namespace

int SlotWatcher::MostOf(const governor::LevelKey& key) const {
  const auto found = limits_.find(key);
  if (found != limits_.end() && found->second.concurrency.has_value()) return *found->second.concurrency;
  switch (key.level) {
    case governor::Level::kGlobal:
      return global_calls_;
    case governor::Level::kBusiness:
      return business_calls_;
    default:
      return std::numeric_limits<int>::max();
  }
}

void SlotWatcher::NoteCommitted(const governor::LedgerChanges& changes, absl::Time now) {
  for (const auto& [key, limits] : changes.limits) limits_[key] = limits;
  for (const governor::LevelKey& key : changes.cleared_limits) limits_.erase(key);
  // What became free may be granted in the same commit.
  for (const auto* slots : {&changes.slots, &changes.ended}) {
    for (const governor::Slot& slot : *slots) {
      if (!slot.IsLive() || !slot.call_id.empty()) without_call_.erase(slot.slot_id());
      if (!slot.IsLive()) End(slot);
    }
  }
  for (const governor::Slot& slot : changes.slots) {
    if (slot.IsLive()) Grant(slot);
    if (slot.IsLive() && slot.call_id.empty()) without_call_.emplace(slot.slot_id(), slot.granted_at());
  }
  for (const auto& [slot_id, since] : without_call_) {
    if (now > since + kReservation) complain_(Concat("a slot without a call ends soon: ", slot_id));
  }
  int64_t line = changes.first_line;
  for (const governor::Slot& slot : changes.slots) known_[slot.slot_id()].line = line++;
  line += static_cast<int64_t>(changes.ended.size());
  for (const governor::Slot& slot : changes.written_again) known_[slot.slot_id()].line = line++;
  if (changes.needed_from < looked_until_ + kLookedThroughAtOnce) return;
  looked_until_ = changes.needed_from;
  for (auto known = known_.begin(); known != known_.end();) {
    const bool goes = known->second.line < changes.needed_from;
    if (goes && known->second.lives) complain_(Concat("no slot is forgotten while it lasts: ", known->first));
    known = goes ? known_.erase(known) : std::next(known);
  }
}

void SlotWatcher::End(const governor::Slot& slot) {
  Known& known = known_[slot.slot_id()];
  if (!std::exchange(known.lives, false)) return;
  known.ended_at = *slot.released_at;
  const bool told =
      slot.reason == governor::ReleaseReason::kCallEnded || slot.reason == governor::ReleaseReason::kReturned;
  if (!faults_ && !told)
    complain_(Concat("without faults every slot ends with its call or is given back: ", slot.slot_id()));
  for (const governor::LevelKey& key : slot.subject().Levels()) --books_[key].in_use;
}

void SlotWatcher::Grant(const governor::Slot& slot) {
  const auto [known, is_new] = known_.try_emplace(slot.slot_id(), Known{.lives = true});
  if (!is_new) {
    if (known->second.lives) return;
    if (slot.granted_at() < known->second.ended_at + kMemory) {
      return complain_(Concat("a slot that has ended stays ended: ", slot.slot_id()));
    }
    known->second.lives = true;
  }
  for (const governor::LevelKey& key : slot.subject().Levels()) {
    Book& book = books_[key];
    if (++book.in_use > MostOf(key)) complain_(Concat("no slot is granted beyond a limit: ", NameOf(key)));
    const auto limits = limits_.find(key);
    if (limits != limits_.end() && limits->second.rates.Any()) {
      CheckRates(key, limits->second.rates, book, slot.granted_at());
    } else {
      book.began.clear();
    }
  }
}

void SlotWatcher::CheckRates(const governor::LevelKey& key, const governor::Rates& rates, Book& book, absl::Time at) {
  if (!book.began.empty() && at - book.began.back() < rates.spacing) {
    complain_(Concat("no two slots are closer than a level's spacing: ", NameOf(key)));
  }
  std::erase_if(book.began, [at](absl::Time before) { return before <= at - absl::Hours(1); });
  book.began.push_back(at);
  const auto check = [&](int most, absl::Duration length) {
    const auto within =
        std::count_if(book.began.begin(), book.began.end(), [&](absl::Time before) { return before > at - length; });
    if (most > 0 && within > most) {
      complain_(Concat(within, " slots within ", absl::FormatDuration(length), ", no more than ", most,
                       " are allowed: ", NameOf(key)));
    }
  };
  check(rates.per_second, absl::Seconds(1));
  check(rates.per_minute, absl::Minutes(1));
  check(rates.per_hour, absl::Hours(1));
}

}  // namespace trunkline::scheduler
