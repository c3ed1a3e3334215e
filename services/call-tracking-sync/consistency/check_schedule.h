// The checks that are run by themselves: of the day before, and of a day whose money may have changed late.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

// Writes those of the day down, each once. Not before the account was synchronized once, and not of what a backfill is
// still reading. Calls that ended less than `grace` ago are the next day's.
absl::Status ScheduleChecks(postgres::Transaction& tx, const AccountAtWork& work, absl::Duration grace, absl::Time now);

}  // namespace trunkline::tracking_sync
