#include "services/call-tracking-sync/reconciliation/conversation_matching.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

namespace trunkline::tracking_sync {
namespace {

using Kind = ConversationMatch::Kind;
using Sides = std::vector<ConversationSide>;
using Indexes = std::vector<size_t>;

bool CouldBe(const ConversationSide& tracked, const ConversationSide& carried, const MatchWindow& window) {
  if (carried.to != tracked.forwarded_to) return false;
  const bool is_from_caller = tracked.from.empty() || carried.from == tracked.from || carried.from == tracked.to;
  if (!is_from_caller) return false;
  const absl::Time end = tracked.ended_at.value_or(tracked.started_at + window.longest);
  return carried.started_at >= tracked.started_at - window.before && carried.started_at <= end + window.after;
}

// Groups of what could belong together: tracked calls by their index, telephony calls after them.
class Groups {
 public:
  explicit Groups(size_t size) : parents_(size) { std::iota(parents_.begin(), parents_.end(), 0); }

  void Join(size_t a, size_t b) { parents_[Root(a)] = Root(b); }
  size_t Root(size_t at) {
    while (parents_[at] != at) at = parents_[at] = parents_[parents_[at]];
    return at;
  }

 private:
  Indexes parents_;
};

class Matcher {
 public:
  Matcher(const Sides& tracked, const Sides& carried, const MatchWindow& window)
      : tracked_(tracked), carried_(carried), window_(window) {
    matches_.tracked.resize(tracked.size());
    matches_.carried.resize(carried.size());
  }

  ConversationMatches Match() {
    Groups groups(tracked_.size() + carried_.size());
    JoinByNumber(groups);
    struct Group {
      Indexes tracked;
      Indexes carried;
    };
    std::map<size_t, Group> by_root;
    for (size_t t = 0; t < tracked_.size(); ++t) by_root[groups.Root(t)].tracked.push_back(t);
    for (size_t c = 0; c < carried_.size(); ++c) by_root[groups.Root(tracked_.size() + c)].carried.push_back(c);
    for (auto& [root, group] : by_root) {
      if (group.tracked.empty() || group.carried.empty()) continue;
      Settle(std::move(group.tracked), std::move(group.carried));
    }
    return std::move(matches_);
  }

 private:
  void JoinByNumber(Groups& groups) {
    std::map<std::string, Indexes> carried_by_number;
    for (size_t c = 0; c < carried_.size(); ++c) carried_by_number[carried_[c].to].push_back(c);
    for (auto& [number, indexes] : carried_by_number) SortByTime(carried_, indexes);
    for (size_t t = 0; t < tracked_.size(); ++t) {
      if (tracked_[t].forwarded_to.empty()) continue;
      const auto found = carried_by_number.find(tracked_[t].forwarded_to);
      if (found == carried_by_number.end()) continue;
      const absl::Time from = tracked_[t].started_at - window_.before;
      auto c = std::lower_bound(found->second.begin(), found->second.end(), from,
                                [&](size_t index, absl::Time time) { return carried_[index].started_at < time; });
      const absl::Time to = tracked_[t].ended_at.value_or(tracked_[t].started_at + window_.longest) + window_.after;
      for (; c != found->second.end() && carried_[*c].started_at <= to; ++c) {
        if (CouldBe(tracked_[t], carried_[*c], window_)) groups.Join(t, tracked_.size() + *c);
      }
    }
  }

  static void SortByTime(const Sides& sides, Indexes& indexes) {
    std::stable_sort(indexes.begin(), indexes.end(),
                     [&](size_t a, size_t b) { return sides[a].started_at < sides[b].started_at; });
  }

  // Only those of them that somebody answered.
  static Indexes Answered(const Sides& sides, const Indexes& indexes) {
    Indexes answered;
    std::copy_if(indexes.begin(), indexes.end(), std::back_inserter(answered),
                 [&](size_t index) { return sides[index].was_answered; });
    return answered;
  }

  void Settle(Indexes tracked, Indexes carried) {
    SortByTime(tracked_, tracked);
    SortByTime(carried_, carried);
    SetAll(tracked, carried, Kind::kUnclear);
    if (Pair(tracked, carried)) return;
    const Indexes connected = Answered(tracked_, tracked);
    const Indexes answered = Answered(carried_, carried);
    if (connected.empty() || connected.size() != answered.size()) return;
    SetAll(tracked, carried, Kind::kSpare);
    if (!Pair(connected, answered)) SetAll(tracked, carried, Kind::kUnclear);
  }

  // In the order of time; false when there are not as many, or one does not fit.
  bool Pair(const Indexes& tracked, const Indexes& carried) {
    if (tracked.size() != carried.size()) return false;
    for (size_t i = 0; i < tracked.size(); ++i) {
      if (!CouldBe(tracked_[tracked[i]], carried_[carried[i]], window_)) return false;
    }
    for (size_t i = 0; i < tracked.size(); ++i) {
      matches_.tracked[tracked[i]] = {.kind = Kind::kMatched, .other = carried[i]};
      matches_.carried[carried[i]] = {.kind = Kind::kMatched, .other = tracked[i]};
    }
    return true;
  }

  void SetAll(const Indexes& tracked, const Indexes& carried, Kind kind) {
    for (const size_t t : tracked) matches_.tracked[t] = {.kind = kind};
    for (const size_t c : carried) matches_.carried[c] = {.kind = kind};
  }

  const Sides& tracked_;
  const Sides& carried_;
  const MatchWindow window_;
  ConversationMatches matches_;
};

}  // namespace

ConversationMatches MatchConversations(const Sides& tracked, const Sides& carried, const MatchWindow& window) {
  return Matcher(tracked, carried, window).Match();
}

}  // namespace trunkline::tracking_sync
