#include "services/gateway/dialing/dial_matching.h"

#include <algorithm>
#include <tuple>

namespace trunkline::gateway {
namespace {

bool MayBelong(const DoubtfulTime& dial, const UnclaimedCall& call, const MatchWindow& window) {
  return call.created_at >= dial.committed_at - window.before && call.created_at <= dial.committed_at + window.after;
}

// Moves what belongs to the group from `rest` to `group`; true when there was any.
template <typename T, typename Belongs>
bool Gather(std::vector<T>* rest, std::vector<T>* group, Belongs belongs) {
  const auto middle = std::stable_partition(rest->begin(), rest->end(), [&](const T& item) { return !belongs(item); });
  const bool any = middle != rest->end();
  group->insert(group->end(), middle, rest->end());
  rest->erase(middle, rest->end());
  return any;
}

}  // namespace

DialMatch MatchDial(const std::string& call_id, const std::vector<DoubtfulTime>& dials,
                    const std::vector<UnclaimedCall>& calls, const MatchWindow& window) {
  std::vector<DoubtfulTime> other_dials = dials;
  std::vector<UnclaimedCall> other_calls = calls;
  std::vector<DoubtfulTime> group_dials;
  std::vector<UnclaimedCall> group_calls;
  if (!Gather(&other_dials, &group_dials, [&](const DoubtfulTime& dial) { return dial.call_id == call_id; })) return {};
  bool grown = true;
  while (grown) {
    grown = Gather(&other_calls, &group_calls, [&](const UnclaimedCall& call) {
      return std::any_of(group_dials.begin(), group_dials.end(),
                         [&](const DoubtfulTime& dial) { return MayBelong(dial, call, window); });
    });
    grown |= Gather(&other_dials, &group_dials, [&](const DoubtfulTime& dial) {
      return std::any_of(group_calls.begin(), group_calls.end(),
                         [&](const UnclaimedCall& call) { return MayBelong(dial, call, window); });
    });
  }
  if (group_calls.empty()) return {.kind = DialMatch::Kind::kNone, .external_call_id = {}};
  if (group_calls.size() != group_dials.size()) return {};

  std::sort(group_dials.begin(), group_dials.end(), [](const DoubtfulTime& a, const DoubtfulTime& b) {
    return std::tie(a.committed_at, a.call_id) < std::tie(b.committed_at, b.call_id);
  });
  std::sort(group_calls.begin(), group_calls.end(), [](const UnclaimedCall& a, const UnclaimedCall& b) {
    return std::tie(a.created_at, a.external_call_id) < std::tie(b.created_at, b.external_call_id);
  });
  DialMatch match;
  for (size_t i = 0; i < group_dials.size(); ++i) {
    if (!MayBelong(group_dials[i], group_calls[i], window)) return {};
    if (group_dials[i].call_id == call_id) {
      match = {.kind = DialMatch::Kind::kCall, .external_call_id = group_calls[i].external_call_id};
    }
  }
  return match;
}

}  // namespace trunkline::gateway
