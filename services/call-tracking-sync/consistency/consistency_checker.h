// Carries out the checks of an account, a page at a time.
//
// The range is walked in windows of a day at most. Of a window the platform's pages are compared first; what differs is
// asked for by itself and compared again. Then calls here that no page listed are asked for by themselves. What is to
// be brought in is sent first; then a page's findings and the place after it are one transaction: after a crash the
// page is done again, and nothing is named or brought in twice.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/consistency/check_judgement.h"
#include "services/call-tracking-sync/consistency/check_rows.h"
#include "services/call-tracking-sync/work/account_at_work.h"

namespace trunkline::tracking_sync {

class ConsistencyChecker {
 public:
  struct Options {
    absl::Duration grace = absl::Minutes(10);
    absl::Duration largest_window = absl::Hours(24);
    absl::Duration smallest_window = absl::Minutes(1);
    int64_t most_in_window = 10'000;
    int most_tries = 5;                            // of a page that fails
    absl::Duration held_back = absl::Seconds(30);  // when the budget lets nothing through
  };
  // Told when a check has ended, for metrics.
  using OnEnd = std::function<void(const tracking::v1::Check&)>;

  // Both outlive the object. The pool acts across businesses.
  ConsistencyChecker(postgres::Pool& pool, const Clock& clock, Options options, OnEnd on_end)
      : pool_(pool), clock_(clock), options_(options), on_end_(std::move(on_end)) {}

  // The next page of the account's oldest check that is due; false when none is. Only its owner calls it, one at a
  // time. A failure of the platform is no error, it is in the check; ABORTED when the account has another owner.
  absl::StatusOr<bool> WorkOn(const AccountAtWork& work);
  // Writes down the checks of the day, each once: of the day before and of a day whose money may have changed late. Not
  // before the account was synchronized once, and not of what a backfill is still reading.
  absl::Status Schedule(const AccountAtWork& work);

 private:
  absl::StatusOr<std::optional<CheckRow>> Next(const AccountAtWork& work);
  absl::Status ComparePage(const AccountAtWork& work, CheckRow row);
  absl::Status CompareUnlisted(const AccountAtWork& work, CheckRow row);
  // A page of the calls that were mapped beside the calls, and at the end of the window those that were not mapped.
  absl::Status CompareShadow(const AccountAtWork& work, CheckRow row);
  absl::StatusOr<CallRecords> ReadHere(const std::vector<std::string>& call_ids);
  absl::Status Finish(const AccountAtWork& work, CheckRow row);
  // The failed page is tried again, in a smaller window where that helps, or the check fails.
  absl::Status GiveWay(const AccountAtWork& work, CheckRow row, const absl::Status& failure);
  absl::Status Commit(const AccountAtWork& work, const CheckRow& row, absl::Time due_at);

  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
  const OnEnd on_end_;
};

}  // namespace trunkline::tracking_sync
