#include "services/call-tracking-sync/passes/planner.h"

#include <algorithm>

#include "services/call-tracking-sync/passes/change_walk.h"
#include "services/call-tracking-sync/passes/pass_catalogue.h"
#include "services/call-tracking-sync/passes/window_reading.h"

namespace trunkline::tracking_sync {
namespace {

constexpr absl::Duration kOldestWindow = kDay;
constexpr absl::Duration kUnsureLag = absl::Seconds(300);
// Of a day's allowance, what regular reading of one kind may use at most.
constexpr double kIncrementalPart = 0.5;
constexpr double kRescanPart = 0.1;

// How much longer than wanted the period of a pass is, so that a day's runs fit into their part of a day's allowance.
double Stretch(const PassState& state, const PlanInput& input) {
  if (input.allowance.per_day == 0 || state.pass.period == absl::InfiniteDuration()) return 1;
  const double pages = static_cast<double>(std::max<int64_t>(1, state.checkpoint.counters.pages));
  const double runs = absl::FDivDuration(kDay, state.pass.period);
  const double part = state.pass.priority == Priority::kIncremental ? kIncrementalPart : kRescanPart;
  return std::max(1.0, pages * runs / (part * input.allowance.per_day));
}

// A rescan that the rest of the allowance cannot carry reaches less far back.
absl::Duration DepthThatFits(const PassState& state, const PlanInput& input) {
  const absl::Duration depth = state.pass.depth_from - state.pass.depth_to;
  const std::optional<int64_t>& left = input.allowance.left;
  const int64_t pages = state.checkpoint.counters.pages;
  if (!left.has_value() || state.pass.priority != Priority::kRescan || pages <= *left) return depth;
  return depth * (static_cast<double>(*left) / static_cast<double>(pages));
}

bool HasRange(const Pass& pass) { return pass.period == absl::InfiniteDuration(); }

}  // namespace

bool IsStale(const PassRun& run, absl::Time server_now) { return server_now - run.window.started_at > kOldestWindow; }

absl::Time DueAt(const PassState& state, const PlanInput& input) {
  const Pass& pass = state.pass;
  if (HasRange(pass)) return state.checkpoint.run.has_value() ? input.now : absl::InfiniteFuture();
  if (state.checkpoint.run.has_value()) return state.not_before;
  const absl::Duration period = pass.period * Stretch(state, input);
  // Rescans look at what was read before: at first there is nothing.
  const bool is_rescan = pass.priority == Priority::kRescan;
  const absl::Time before = state.checkpoint.finished_at.value_or(is_rescan ? input.known_since : absl::InfinitePast());
  return std::max(before + period, state.not_before);
}

PlanStep PlanNext(const std::vector<PassState>& passes, const PlanInput& input) {
  PlanStep step;
  for (size_t i = 0; i < passes.size(); ++i) {
    const PassState& state = passes[i];
    const absl::Time due = std::max(DueAt(state, input), state.not_before);
    if (due > input.now) {
      step.wake_at = std::min(step.wake_at, due);
      continue;
    }
    if (step.pass.has_value() && passes[*step.pass].pass.priority <= state.pass.priority) continue;
    step.pass = i;
    step.begins_run = !state.checkpoint.run.has_value();
  }
  return step;
}

std::optional<PassRun> BeginRun(const PassState& state, const PlanInput& input) {
  const Pass& pass = state.pass;
  const absl::Time now = input.server_now;
  if (pass.procedure == Procedure::kChangeWalk) {
    return BeginWalk(pass, state.checkpoint.watermark.value_or(now) - kOverlap, now);
  }
  if (pass.procedure == Procedure::kLiveCalls)
    return PassRun{.started_at = now, .to = now, .window = {.started_at = now}};
  absl::Duration lag = pass.depth_to;
  if (!input.is_clock_sure && lag > absl::ZeroDuration()) lag = std::max(lag, kUnsureLag);
  const absl::Time to = now - lag;
  absl::Time from = to;
  if (pass.follows_watermark) {
    from = state.checkpoint.watermark.value_or(now) - kOverlap;
    if (pass.depth_from > absl::ZeroDuration()) from = std::min(from, now - pass.depth_from);
  } else {
    from = now - pass.depth_to - DepthThatFits(state, input);
  }
  if (from >= to) return std::nullopt;
  return BeginWindows(pass, from, to, now);
}

}  // namespace trunkline::tracking_sync
