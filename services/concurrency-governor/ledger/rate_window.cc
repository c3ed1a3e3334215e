#include "services/concurrency-governor/ledger/rate_window.h"

#include <algorithm>

namespace trunkline::governor {

void RateWindow::Trim(const Rates& rates, absl::Time now) {
  absl::Duration longest = rates.spacing;
  if (rates.per_second > 0) longest = std::max(longest, absl::Seconds(1));
  if (rates.per_minute > 0) longest = std::max(longest, absl::Minutes(1));
  if (rates.per_hour > 0) longest = std::max(longest, absl::Hours(1));
  while (!began_.empty() && began_.front() + longest <= now) began_.pop_front();
}

int RateWindow::CountSince(absl::Time start) const {
  return static_cast<int>(began_.end() - std::upper_bound(began_.begin(), began_.end(), start));
}

absl::Time RateWindow::NextAllowed(int most, absl::Duration length) const {
  if (began_.size() < static_cast<size_t>(most)) return absl::InfinitePast();
  return began_[began_.size() - static_cast<size_t>(most)] + length;
}

absl::Time RateWindow::NextAllowed(absl::Duration spacing) const { return latest() + spacing; }

}  // namespace trunkline::governor
