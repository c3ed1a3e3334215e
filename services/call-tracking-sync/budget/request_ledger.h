// The requests of one resource of one account, and when the next one fits. Pure.
//
// Limits hold in every sliding window: of any second, minute, hour and day. A request reaches the platform a while
// after it was sent, some sooner than others, so each window is longer by a margin.
//
// What is left of an hour and of a day is kept for what matters more: rescans leave a quarter, backfill half. So when
// little is left rescans stop first and incremental reading last. Of every window backfill takes at most half.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "libs/tracking/account_settings.h"
#include "services/call-tracking-sync/budget/priority.h"

namespace trunkline::tracking_sync {

class RequestLedger {
 public:
  RequestLedger(const tracking::RequestLimits& limits, absl::Duration margin);

  // The account's settings may have changed.
  void SetLimits(const tracking::RequestLimits& limits);
  const tracking::RequestLimits& limits() const { return limits_; }

  // A request that was sent; times do not go back.
  void Add(absl::Time sent_at, Priority priority);
  // The earliest time from `now` on at which one more fits. `pace` is the part of the limits to use, up to 1.
  absl::Time EarliestAt(absl::Time now, Priority priority, double pace = 1) const;

  // How many requests of this priority fit into the longest of the account's windows now; nothing without a limit of
  // an hour or a day.
  std::optional<int64_t> Left(absl::Time now, Priority priority) const;

 private:
  struct Window {
    absl::Duration length;
    int limit;
    bool is_long;  // an hour or more
  };
  using Times = std::deque<absl::Time>;

  static int64_t CountSince(const Times& times, absl::Time since);
  static int LimitFor(const Window& window, Priority priority, double pace);
  // When fewer than `limit` of `times` lie in the window.
  absl::Time FreeAt(const Times& times, const Window& window, int limit, absl::Time now) const;
  void Forget(absl::Time now);

  tracking::RequestLimits limits_;
  absl::Duration margin_;
  std::vector<Window> windows_;
  Times sent_;
  Times backfill_;  // of them
};

}  // namespace trunkline::tracking_sync
