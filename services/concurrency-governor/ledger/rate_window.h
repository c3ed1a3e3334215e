// When calls began, as far back as a level's rates look: never more than n in any second, minute or hour.
#pragma once

#include <deque>

#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/level.h"

namespace trunkline::governor {

class RateWindow {
 public:
  // A call began. Times do not go back.
  void Note(absl::Time at) { began_.push_back(at); }
  // Drops what no rate looks at any more.
  void Trim(const Rates& rates, absl::Time now);

  // Calls in the window that ends now.
  int CountSince(absl::Time start) const;
  // When one more call may begin so that no window of this length has more than `most`; the past when it may now.
  absl::Time NextAllowed(int most, absl::Duration length) const;
  absl::Time NextAllowed(absl::Duration spacing) const;
  absl::Time latest() const { return began_.empty() ? absl::InfinitePast() : began_.back(); }
  bool empty() const { return began_.empty(); }

 private:
  std::deque<absl::Time> began_;
};

}  // namespace trunkline::governor
