#include "services/call-tracking-sync/budget/request_ledger.h"

#include <algorithm>

namespace trunkline::tracking_sync {
namespace {

// At the slowest pace.
constexpr absl::Duration kLongestGap = absl::Seconds(10);

double ShareOf(Priority priority) {
  switch (priority) {
    case Priority::kWebhookFetch:
    case Priority::kIncremental:
      return 1;
    case Priority::kLive:
      return 0.9;
    case Priority::kConsistency:
    case Priority::kRescan:
      return 0.75;
    case Priority::kBackfill:
      break;
  }
  return 0.5;
}

int Part(int limit, double part) { return std::max(1, static_cast<int>(limit * part)); }

}  // namespace

RequestLedger::RequestLedger(const tracking::RequestLimits& limits, absl::Duration margin) : margin_(margin) {
  SetLimits(limits);
}

void RequestLedger::SetLimits(const tracking::RequestLimits& limits) {
  limits_ = limits;
  windows_.clear();
  if (limits.per_second > 0) windows_.push_back({absl::Seconds(1), limits.per_second, false});
  if (limits.per_minute > 0) windows_.push_back({absl::Minutes(1), limits.per_minute, false});
  if (limits.per_hour > 0) windows_.push_back({absl::Hours(1), limits.per_hour, true});
  if (limits.per_day > 0) windows_.push_back({absl::Hours(24), limits.per_day, true});
}

void RequestLedger::Add(absl::Time sent_at, Priority priority) {
  sent_.push_back(sent_at);
  if (priority == Priority::kBackfill) backfill_.push_back(sent_at);
  Forget(sent_at);
}

void RequestLedger::Forget(absl::Time now) {
  const absl::Duration memory = (windows_.empty() ? absl::Seconds(1) : windows_.back().length) + margin_;
  for (Times* times : {&sent_, &backfill_}) {
    while (!times->empty() && times->front() + memory <= now) times->pop_front();
  }
}

int64_t RequestLedger::CountSince(const Times& times, absl::Time since) {
  return times.end() - std::upper_bound(times.begin(), times.end(), since);
}

int RequestLedger::LimitFor(const Window& window, Priority priority, double pace) {
  const int limit = pace < 1 ? Part(window.limit, pace) : window.limit;
  return window.is_long ? Part(limit, ShareOf(priority)) : limit;
}

absl::Time RequestLedger::FreeAt(const Times& times, const Window& window, int limit, absl::Time now) const {
  const absl::Duration length = window.length + margin_;
  if (CountSince(times, now - length) < limit) return now;
  return times[times.size() - static_cast<size_t>(limit)] + length;
}

absl::Time RequestLedger::EarliestAt(absl::Time now, Priority priority, double pace) const {
  absl::Time earliest = now;
  for (const Window& window : windows_) {
    earliest = std::max(earliest, FreeAt(sent_, window, LimitFor(window, priority, pace), now));
    if (priority == Priority::kBackfill) {
      earliest = std::max(earliest, FreeAt(backfill_, window, Part(window.limit, 0.5 * pace), now));
    }
  }
  if (pace < 1 && !sent_.empty() && !windows_.empty()) {
    const absl::Duration gap = windows_.front().length / (windows_.front().limit * pace);
    earliest = std::max(earliest, sent_.back() + std::min(gap, kLongestGap));
  }
  return earliest;
}

std::optional<int64_t> RequestLedger::Left(absl::Time now, Priority priority) const {
  std::optional<int64_t> left;
  for (const Window& window : windows_) {
    if (!window.is_long) continue;
    const int64_t here = LimitFor(window, priority, 1) - CountSince(sent_, now - window.length - margin_);
    left = std::max<int64_t>(0, std::min(left.value_or(here), here));
  }
  return left;
}

}  // namespace trunkline::tracking_sync
