// Looks whether webhooks tell of an account's calls, has the ranges of time read again in which they did not, and asks
// the platform what became of those that are missing.
//
// An hour at a time, once its calls are known and their webhooks had time to come. A reading is a run of the kind
// "recovery" like one that somebody asks for, at the priority of a backfill; an hour is looked at once, and leads to
// the same readings however often that is tried.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/recovery/missed_webhooks.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

// What an hour of an account told.
struct WebhookHour {
  int64_t expected = 0;    // calls that ended, of which webhooks should tell
  int64_t missed = 0;      // of which none told
  int64_t recoveries = 0;  // readings that were begun for it
};

class WebhookWatch {
 public:
  struct Options {
    absl::Duration at_once = absl::Hours(1);
    absl::Duration grace = absl::Minutes(15);  // after its end, for the calls and webhooks of an hour
    // Without a webhook for so long an account is taken for one that gets none.
    absl::Duration active = absl::Hours(24);
    absl::Duration look_back = absl::Hours(48);  // hours before that are not looked at any more
    int most_evidence = 100;                     // calls of a reading that the platform is asked about
    RecoveryRules rules = {};
  };
  using OnHour = std::function<void(std::string_view platform, const WebhookHour&)>;

  // Both outlive the object. The pool acts across businesses.
  WebhookWatch(postgres::Pool& pool, const Clock& clock, Options options, OnHour on_hour)
      : pool_(pool), clock_(clock), options_(options), on_hour_(std::move(on_hour)) {}

  // The next hour, or the next call of a reading that is done and of which no webhook told; false when there is
  // nothing. Only the account's owner calls it, one at a time. A failure of the platform is no error; ABORTED when the
  // account has another owner.
  absl::StatusOr<bool> WorkOn(const AccountAtWork& work);

 private:
  absl::StatusOr<bool> LookAtHour(const AccountAtWork& work);
  absl::StatusOr<bool> AskForEvidence(const AccountAtWork& work);

  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
  const OnHour on_hour_;
};

}  // namespace trunkline::tracking_sync
