#include "services/call-tracking-sync/runs/page_doubts.h"

#include <string_view>

#include "libs/base/status.h"

namespace trunkline::tracking_sync {
namespace {

constexpr double kUsualCalls = 20;
// What was read shortly before a list was asked for may not be in it yet.
constexpr absl::Duration kSettled = absl::Minutes(10);
constexpr int kMostLost = 500;  // of a window; the others' turn comes with the next run

}  // namespace

absl::StatusOr<bool> IsSuspiciouslyEmpty(AccountStore& store, const Ownership& owner, const Pass& pass,
                                         const PassRun& run, const PageFacts& facts) {
  const Window& window = run.window;
  if (facts.records > 0 || window.position.has_value() || pass.priority != Priority::kIncremental ||
      pass.time != tracking::CallTime::kStarted || window.to == absl::InfiniteFuture()) {
    return false;
  }
  TL_ASSIGN_OR_RETURN(const double usual, store.UsualCalls(owner.account_id, window.from, window.to));
  return usual > kUsualCalls;
}

absl::StatusOr<std::vector<WantedFetch>> FindLost(AccountStore& store, const Ownership& owner, const Pass& pass,
                                                  const Window& window, Sequel::Kind sequel,
                                                  const std::unordered_set<std::string>& seen, absl::Time began) {
  const bool is_end = sequel == Sequel::Kind::kNextWindow || sequel == Sequel::Kind::kRunFinished;
  std::vector<WantedFetch> lost;
  if (!pass.finds_lost || !is_end) return lost;
  const std::vector<std::string_view> listed(seen.begin(), seen.end());
  TL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, store.UnlistedCalls(owner.account_id, window.from, window.to,
                                                                              began - kSettled, listed, kMostLost));
  for (const std::string& id : ids) lost.push_back({id, FetchReason::kLost});
  return lost;
}

}  // namespace trunkline::tracking_sync
