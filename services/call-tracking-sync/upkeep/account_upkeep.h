// What the owner of an account does for it beside synchronizing it: commands that somebody waits for, its
// webhooks at the platform, orders and releases of numbers, webhooks that did not come, checks. One thing at a time, in
// this order.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "services/call-tracking-sync/calls/platform_commands.h"
#include "services/call-tracking-sync/consistency/consistency_checker.h"
#include "services/call-tracking-sync/numbers/number_keeper.h"
#include "services/call-tracking-sync/recovery/webhook_watch.h"
#include "services/call-tracking-sync/webhooks/webhook_keeper.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

class AccountUpkeep {
 public:
  struct Parts {  // all of them outlive the object
    CommandRunner& commands;
    WebhookKeeper& webhooks;
    NumberKeeper& numbers;
    WebhookWatch& webhook_watch;
    ConsistencyChecker& checker;
    const Clock& clock;
  };

  explicit AccountUpkeep(Parts parts) : parts_(parts) {}

  // The next thing that is due; false when nothing is. For different accounts at the same time, for one account one
  // after the other. ABORTED when the account has another owner.
  absl::StatusOr<bool> WorkOn(const AccountAtWork& work);

 private:
  absl::Status ScheduleNowAndThen(const AccountAtWork& work);

  const Parts parts_;
  std::mutex mutex_;
  std::map<std::string, absl::Time> scheduled_at_;  // of each account
};

}  // namespace trunkline::tracking_sync
