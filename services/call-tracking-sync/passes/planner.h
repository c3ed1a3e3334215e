// What to read next of an account. Pure: given how far its passes are, its allowance and the time, the answer is always
// the same.
//
// Passes take turns page by page: whatever matters most goes first, so that a backfill of a month does not keep what
// changed a minute ago waiting. With an allowance for a day, passes come as seldom and reach as far back as it lasts:
// rescans give way first, what is new last.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/call-tracking-sync/passes/pass.h"

namespace trunkline::tracking_sync {

// A pass and how it stands.
struct PassState {
  Pass pass;
  Checkpoint checkpoint = {};
  absl::Time not_before = absl::InfinitePast();  // after a failure, or while its allowance is used up
};

// What an account's requests of lists are limited to.
struct DayAllowance {
  int per_day = 0;                             // 0: no limit
  std::optional<int64_t> left = std::nullopt;  // for rescans, now
};

struct PlanInput {
  absl::Time now;             // ours
  absl::Time server_now;      // the platform's
  absl::Time known_since;     // when the account was seen first
  bool is_clock_sure = true;  // the platform tells its time
  DayAllowance allowance = {};
};

// A page to list or a batch to fetch, of the pass at this place in the list; or, with none, the time to look again.
struct PlanStep {
  std::optional<size_t> pass = std::nullopt;
  bool begins_run = false;
  absl::Time wake_at = absl::InfiniteFuture();
};
PlanStep PlanNext(const std::vector<PassState>& passes, const PlanInput& input);

// When the next run of a pass begins.
absl::Time DueAt(const PassState& state, const PlanInput& input);

// The run that begins now. Nothing when the range is empty, or nothing is left for it.
std::optional<PassRun> BeginRun(const PassState& state, const PlanInput& input);

// A run in a window that is so old that the window is begun anew.
bool IsStale(const PassRun& run, absl::Time server_now);

}  // namespace trunkline::tracking_sync
