#include "services/concurrency-governor/ledger/service_order.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace trunkline::governor {
namespace {

bool IsShared(const LevelKey& key) { return key.level == Level::kGlobal || key.level == Level::kBusiness; }

// Looks for requests that may pass, in one pass, in which places only become fewer.
class Pass {
 public:
  Pass(const LevelBook& book, const WaitingLine& waiting, absl::Time now, bool burst)
      : book_(book), waiting_(waiting), now_(now), burst_(burst) {}

  // The first request from `from` on that may pass; the business's and the global gates shut all behind it out.
  std::optional<WaitingLine::Place> NextOf(const std::string& business_id, WaitingLine::Place from) {
    const auto line = waiting_.lines().find(business_id);
    if (line == waiting_.lines().end()) return std::nullopt;
    for (auto it = line->second.lower_bound(from); it != line->second.end(); ++it) {
      const SlotWish& wish = it->second.wish;
      const std::vector<LevelKey> levels = wish.subject.Levels();
      if (std::any_of(levels.begin(), levels.end(), [&](const LevelKey& key) { return full_.contains(key); })) continue;
      const std::vector<Gate> shut = book_.Gates(wish.subject, wish.kind, now_, burst_);
      if (shut.empty()) return it->first;
      for (const Gate& gate : shut) {
        opens_at_ = std::min(opens_at_, gate.next);
        if (IsShared(gate.key)) return std::nullopt;
      }
      for (const Gate& gate : shut) full_.insert(gate.key);
    }
    return std::nullopt;
  }

  // When the first of the gates that held somebody up may open by itself.
  absl::Time opens_at() const { return opens_at_; }

 private:
  const LevelBook& book_;
  const WaitingLine& waiting_;
  const absl::Time now_;
  const bool burst_;
  std::set<LevelKey> full_;  // narrower levels
  absl::Time opens_at_ = absl::InfiniteFuture();
};

}  // namespace

// The smaller, the sooner.
struct ServiceOrder::Rank {
  bool has_guarantee;
  int64_t in_use;
  int64_t weight;
  uint64_t served;

  bool operator<(const Rank& other) const {
    if (has_guarantee != other.has_guarantee) return other.has_guarantee;
    const int64_t mine = (in_use + 1) * other.weight;
    const int64_t theirs = (other.in_use + 1) * weight;
    return mine != theirs ? mine < theirs : served < other.served;
  }
};

ServiceOrder::Rank ServiceOrder::RankOf(const LevelBook& book, const std::string& business_id) const {
  const int in_use = book.InUse({Level::kBusiness, business_id});
  const auto served = served_.find(business_id);
  return {.has_guarantee = in_use >= book.GuaranteeOf(business_id),
          .in_use = in_use,
          .weight = book.WeightOf(business_id),
          .served = served == served_.end() ? 0 : served->second};
}

absl::Time ServiceOrder::Serve(const LevelBook& book, absl::Time now, bool burst, WaitingLine* waiting,
                               const Grant& grant) {
  Pass pass(book, *waiting, now, burst);
  std::map<std::string, WaitingLine::Place> turns;
  for (const auto& [business_id, line] : waiting->lines()) {
    if (burst && !book.MayBurst(business_id)) continue;
    if (const auto place = pass.NextOf(business_id, line.begin()->first)) turns.emplace(business_id, *place);
  }
  while (!turns.empty()) {
    auto best = turns.begin();
    for (auto it = std::next(turns.begin()); it != turns.end(); ++it) {
      if (RankOf(book, it->first) < RankOf(book, best->first)) best = it;
    }
    // Others were served since its turn was found.
    if (const auto place = pass.NextOf(best->first, best->second); place != best->second) {
      if (place.has_value()) {
        best->second = *place;
      } else {
        turns.erase(best);
      }
      continue;
    }
    const std::string business_id = best->first;
    const WaitingLine::Place place = best->second;
    served_[business_id] = ++servings_;
    grant(waiting->Take(business_id, place));
    if (const auto next = pass.NextOf(business_id, place)) {
      best->second = *next;
    } else {
      turns.erase(best);
    }
  }
  return pass.opens_at();
}

}  // namespace trunkline::governor
