#include "services/campaign-scheduler/rules/people_reached.h"

#include <algorithm>
#include <vector>

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kHour = absl::Hours(1);

absl::Time HourOf(absl::Time at) { return absl::UnixEpoch() + absl::Floor(at - absl::UnixEpoch(), kHour); }

}  // namespace

int64_t AbandonRate(const ReachedCount& count) {
  return count.reached <= 0 ? 0 : (count.abandoned * kWholeRate + count.reached - 1) / count.reached;
}

bool IsWithin(const AbandonLimit& limit, const ReachedCount& count) {
  if (limit.max_rate < 0) return false;
  // More abandoned than reached, or less than none: somebody counts wrongly.
  if (count.reached < 0 || count.abandoned < 0 || count.abandoned > count.reached) return false;
  return count.reached < limit.after || AbandonRate(count) <= limit.max_rate;
}

void PeopleReached::Note(absl::Time at, ReachedCount count) {
  ReachedCount& hour = hours_[HourOf(at)];
  hour.reached += count.reached;
  hour.abandoned += count.abandoned;
}

void PeopleReached::Trim(absl::Time now) {
  hours_.erase(hours_.begin(), hours_.upper_bound(now - kLongAbandonPeriod - kHour));
}

ReachedCount PeopleReached::Within(absl::Duration period, absl::Time now) const {
  ReachedCount count;
  // The hour that ends at the period's beginning has no part in it.
  for (auto hour = hours_.upper_bound(now - period - kHour); hour != hours_.end(); ++hour) {
    count.reached += hour->second.reached;
    count.abandoned += hour->second.abandoned;
  }
  return count;
}

absl::Time PeopleReached::NextWithin(const AbandonLimit& limit, absl::Time from) const {
  const auto within = [&](absl::Time at) {
    return IsWithin(limit, Within(kShortAbandonPeriod, at)) && IsWithin(limit, Within(kLongAbandonPeriod, at));
  };
  if (within(from)) return from;
  // The counts change only where an hour leaves a period.
  std::vector<absl::Time> changes;
  for (const auto& [hour, count] : hours_) {
    for (const absl::Duration period : {kShortAbandonPeriod, kLongAbandonPeriod})
      changes.push_back(hour + kHour + period);
  }
  std::sort(changes.begin(), changes.end());
  for (const absl::Time change : changes) {
    if (change > from && within(change)) return change;
  }
  return absl::InfiniteFuture();
}

}  // namespace trunkline::scheduler
