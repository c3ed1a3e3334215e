#include "services/concurrency-governor/ledger/service_order.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace trunkline::governor {
namespace {

bool IsShared(LevelView key) { return key.level == Level::kGlobal || key.level == Level::kBusiness; }

}  // namespace

// Looks for requests that may pass, in one pass, in which places only become fewer.
class ServiceOrder::Pass {
 public:
  Pass(const ServiceOrder& order, const LevelBook& book, absl::Time now, bool burst, WaitingLine* waiting)
      : order_(order), book_(book), now_(now), burst_(burst), waiting_(*waiting) {}

  // The first request from `from` on that may pass; the business's and the global gates shut all behind it out.
  std::optional<WaitingLine::Place> NextOf(const Business& business, WaitingLine::Place from) {
    const auto& [business_id, served] = business;
    const auto line = waiting_.lines().find(business_id);
    if (line == waiting_.lines().end()) return std::nullopt;
    for (auto it = line->second.lower_bound(from); it != line->second.end(); ++it) {
      const SlotWish& wish = it->second.wish;
      bool meets_full = false;
      if (!full_.empty()) wish.subject.ForEachLevel([&](LevelView key) { meets_full |= full_.contains(key); });
      if (meets_full) continue;
      if (book_.Passes(wish.subject, wish.kind, now_, burst_)) return it->first;
      const std::vector<Gate> shut = book_.Gates(wish.subject, wish.kind, now_, burst_);
      for (const Gate& gate : shut) {
        opens_at_ = std::min(opens_at_, gate.next);
        if (IsShared(gate.key)) return std::nullopt;
      }
      for (const Gate& gate : shut) full_.insert(gate.key);
      waiting_.NoteHeld(business_id, it->first, served.times);
      if (served.times - *it->second.held_since < order_.most_passed_) continue;
      for (LevelKey& key : wish.subject.Levels()) {
        if (!IsShared(key)) full_.insert(std::move(key));
      }
    }
    return std::nullopt;
  }

  // When the first of the gates that held somebody up may open by itself.
  absl::Time opens_at() const { return opens_at_; }

 private:
  const ServiceOrder& order_;
  const LevelBook& book_;
  const absl::Time now_;
  const bool burst_;
  WaitingLine& waiting_;
  // Narrower levels where nobody else may pass: those that are full, and those that are kept for one who waits for
  // long.
  std::set<LevelKey, LevelLess> full_;
  absl::Time opens_at_ = absl::InfiniteFuture();
};

// A business that has a request that may pass, and which. The smaller, the sooner.
struct ServiceOrder::Turn {
  bool has_guarantee;
  int64_t in_use;
  int64_t weight;
  uint64_t served;
  Business* business;
  WaitingLine::Place place;

  bool operator<(const Turn& other) const {
    if (has_guarantee != other.has_guarantee) return other.has_guarantee;
    const int64_t mine = (in_use + 1) * other.weight;
    const int64_t theirs = (other.in_use + 1) * weight;
    return std::tie(mine, served, business->first) < std::tie(theirs, other.served, other.business->first);
  }
};

absl::Time ServiceOrder::Serve(const LevelBook& book, absl::Time now, bool burst, WaitingLine* waiting,
                               const Grant& grant) {
  Pass pass(*this, book, now, burst, waiting);
  std::set<Turn> turns;
  const auto take_turn = [&](Business& business, WaitingLine::Place from) {
    const std::optional<WaitingLine::Place> place = pass.NextOf(business, from);
    if (!place.has_value()) return;
    const BusinessShare share = book.ShareOf(business.first);
    turns.insert({.has_guarantee = share.in_use >= share.guaranteed,
                  .in_use = share.in_use,
                  .weight = share.weight,
                  .served = business.second.last,
                  .business = &business,
                  .place = *place});
  };
  for (const auto& [business_id, line] : waiting->lines()) {
    if (!burst || book.MayBurst(business_id)) {
      take_turn(*served_.try_emplace(business_id).first, line.begin()->first);
    }
  }
  while (!turns.empty()) {
    const Turn turn = *turns.begin();
    turns.erase(turns.begin());
    Business& business = *turn.business;
    // Others were served since its turn was found.
    if (pass.NextOf(business, turn.place) == turn.place) {
      business.second.last = ++servings_;
      ++business.second.times;
      grant(waiting->Take(business.first, turn.place));
    }
    take_turn(business, turn.place);
  }
  return pass.opens_at();
}

}  // namespace trunkline::governor
