#include "services/call-tracking-sync/upkeep/account_upkeep.h"

#include "libs/base/status.h"

namespace trunkline::tracking_sync {
namespace {

constexpr absl::Duration kScheduleEvery = absl::Minutes(10);

}  // namespace

absl::StatusOr<bool> AccountUpkeep::WorkOn(const AccountAtWork& work) {
  TL_ASSIGN_OR_RETURN(const bool did_command, parts_.commands.WorkOn(work));
  if (did_command) return true;
  TL_ASSIGN_OR_RETURN(const bool did_webhooks, parts_.webhooks.WorkOn(work));
  if (did_webhooks) return true;
  TL_ASSIGN_OR_RETURN(const bool did_number, parts_.numbers.WorkOn(work));
  if (did_number) return true;
  TL_ASSIGN_OR_RETURN(const bool did_watch, parts_.webhook_watch.WorkOn(work));
  if (did_watch) return true;
  TL_RETURN_IF_ERROR(ScheduleNowAndThen(work));
  return parts_.checker.WorkOn(work);
}

absl::Status AccountUpkeep::ScheduleNowAndThen(const AccountAtWork& work) {
  const absl::Time now = parts_.clock.Now();
  {
    const std::lock_guard lock(mutex_);
    absl::Time& at = scheduled_at_.try_emplace(work.account.id, absl::InfinitePast()).first->second;
    if (now - at < kScheduleEvery) return absl::OkStatus();
    at = now;
  }
  return parts_.checker.Schedule(work);
}

}  // namespace trunkline::tracking_sync
