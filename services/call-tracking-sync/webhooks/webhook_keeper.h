// Enters the webhooks of accounts at their platforms, takes them out again, and looks once a day whether they are still
// there.
//
// A platform is asked for what stands there first, so that whatever is done again (after a crash, a time-out, a second
// wish) is done once. Webhooks with other URLs than today's, those of a token that was changed, are taken out once the
// new ones stand.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/webhooks/webhook_rows.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

class WebhookKeeper {
 public:
  struct Options {
    absl::Duration verify_every = absl::Hours(24);
    absl::Duration try_again_after = absl::Minutes(1);  // the first time, then longer and longer
    absl::Duration longest_wait = absl::Hours(1);
  };
  // What came of a turn, for metrics: "registered", "unregistered", "failed"; and how many webhooks that had been
  // entered were not there any more.
  using OnEnd = std::function<void(std::string_view platform, std::string_view outcome, int64_t lost)>;

  // Both outlive the object. The pool acts across businesses.
  WebhookKeeper(postgres::Pool& pool, const Clock& clock, Options options, OnEnd on_end)
      : pool_(pool), clock_(clock), options_(options), on_end_(std::move(on_end)) {}

  // Carries out what is wished of the account's webhooks, when it is due: after a wish, once a day, and when the URLs
  // became others. False when nothing is. Only the account's owner calls it, one at a time. A failure of the platform
  // is no error, it is in the table; ABORTED when the account has another owner.
  absl::StatusOr<bool> WorkOn(const AccountAtWork& work);

 private:
  absl::Status Enter(const AccountAtWork& work, const WebhookWish& wish, const std::string& urls_sha256);
  absl::Status TakeOut(const AccountAtWork& work, const WebhookWish& wish);
  absl::Status Settle(const AccountAtWork& work, const WebhookWish& wish,
                      const std::vector<tracking::WebhookEntry>& webhooks, const std::string& urls_sha256);
  absl::Status PutOff(const AccountAtWork& work, const WebhookWish& wish, const absl::Status& failure);

  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
  const OnEnd on_end_;
};

}  // namespace trunkline::tracking_sync
