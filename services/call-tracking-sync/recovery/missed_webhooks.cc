#include "services/call-tracking-sync/recovery/missed_webhooks.h"

#include <algorithm>

namespace trunkline::tracking_sync {
namespace {

// A gap reaches from the last call before it that was told of to the first one after it: somewhere between, webhooks
// ceased and came back.
std::vector<RecoveryRange> GapsOf(const std::vector<EndedCall>& calls, absl::Time from, absl::Time to,
                                  const RecoveryRules& rules) {
  std::vector<RecoveryRange> gaps;
  absl::Time begins = from;
  int missed = 0;
  const auto close = [&](absl::Time ends) {
    if (missed >= rules.gap_calls && ends - begins > rules.gap_length) gaps.push_back({begins, ends});
    missed = 0;
  };
  for (const EndedCall& call : calls) {
    if (!call.was_told) {
      ++missed;
      continue;
    }
    close(call.ended_at);
    begins = call.ended_at;
  }
  close(to);
  return gaps;
}

}  // namespace

std::vector<RecoveryRange> RangesToRecover(const std::vector<EndedCall>& calls, absl::Time from, absl::Time to,
                                           const RecoveryRules& rules) {
  const auto told = std::count_if(calls.begin(), calls.end(), [](const EndedCall& call) { return call.was_told; });
  const auto all = static_cast<int64_t>(calls.size());
  std::vector<RecoveryRange> wanted = GapsOf(calls, from, to, rules);
  if (all > rules.few && static_cast<double>(told) < rules.least_share * static_cast<double>(all)) {
    wanted = {{from, to}};
  }
  std::vector<RecoveryRange> ranges;
  for (const RecoveryRange& range : wanted) {
    const RecoveryRange wide = {range.from - rules.margin, range.to + rules.margin};
    if (!ranges.empty() && wide.from <= ranges.back().to) {
      ranges.back().to = wide.to;
    } else {
      ranges.push_back(wide);
    }
  }
  return ranges;
}

}  // namespace trunkline::tracking_sync
