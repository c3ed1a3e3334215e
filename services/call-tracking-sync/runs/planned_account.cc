#include "services/call-tracking-sync/runs/planned_account.h"

#include <utility>

#include "services/call-tracking-sync/passes/window_reading.h"

namespace trunkline::tracking_sync {

void PlannedAccount::Plan(absl::Time now) {
  const tracking::SyncSettings settings = tracking::SyncSettingsOf(account(), platform().Defaults().sync);
  std::vector<Pass> wanted =
      PassesOf(platform().Features(account()), state.probes, state.order_violated, settings,
               tracking::ReadRescans(account().Setting(tracking::kRescans)).value_or(std::vector<tracking::Rescan>()));
  for (const RangeRun& run : state.runs) {
    if (run.state == "paused") continue;
    wanted.push_back(RangePass(run.PassName(), Priority::kBackfill, settings));
  }
  std::vector<PassState> planned;
  for (Pass& pass : wanted) {
    PassState next{.pass = std::move(pass)};
    next.checkpoint = state.checkpoints[next.pass.name];
    for (const PassState& before : passes) {
      if (before.pass.name == next.pass.name) next.not_before = before.not_before;
    }
    planned.push_back(std::move(next));
  }
  for (const RangeRun& run : state.runs) {
    for (PassState& next : planned) {
      if (next.pass.name != run.PassName() || next.checkpoint.run.has_value()) continue;
      next.checkpoint.run = BeginWindows(next.pass, run.from, run.to, clock.At(now));
    }
  }
  passes = std::move(planned);
}

bool IsRange(const Pass& pass) { return pass.period == absl::InfiniteDuration(); }
bool IsRecovery(const Pass& pass) { return pass.name.starts_with("recovery:"); }

std::string_view RunIdOf(const Pass& pass) {
  const std::string_view name = pass.name;
  return name.substr(name.find(':') + 1);
}

std::string_view KindOf(const Pass& pass) {
  const std::string_view name = pass.name;
  return name.substr(0, name.find(':'));
}

}  // namespace trunkline::tracking_sync
