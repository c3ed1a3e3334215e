// The guard of the abandon rate: of the people that a campaign reached, how many found nobody there for them, within 24
// hours and within 30 days.
#pragma once

#include <cstdint>
#include <map>

#include "absl/time/time.h"

namespace trunkline::scheduler {

inline constexpr absl::Duration kShortAbandonPeriod = absl::Hours(24);
inline constexpr absl::Duration kLongAbandonPeriod = absl::Hours(24 * 30);

// Rates of a campaign are in hundredths of a percent; this is all.
inline constexpr int kWholeRate = 10'000;

// How many people may find nobody there.
struct AbandonLimit {
  int max_rate = 300;   // hundredths of a percent; negative: settings that cannot be read
  int64_t after = 100;  // people reached before the rate counts
};

// People reached within a time.
struct ReachedCount {
  int64_t reached = 0;    // attempts that ended as connected or abandoned
  int64_t abandoned = 0;  // of these, as abandoned
};

// Hundredths of a percent, rounded up; 0 when nobody was reached.
int64_t AbandonRate(const ReachedCount& count);

// By the hours in which attempts ended, as campaign_hours keeps them. An hour counts for a period as long as a part of
// it lies within.
class PeopleReached {
 public:
  // Adds what ended in the hour that `at` lies in.
  void Note(absl::Time at, ReachedCount count);
  // Drops what no period looks at any more.
  void Trim(absl::Time now);

  ReachedCount Within(absl::Duration period, absl::Time now) const;
  // The earliest time from `from` on at which both periods are within the limit, if nobody else is reached;
  // absl::InfiniteFuture() with a limit that cannot be kept.
  absl::Time NextWithin(const AbandonLimit& limit, absl::Time from) const;

 private:
  std::map<absl::Time, ReachedCount> hours_;
};

// True when the rate is at most what is allowed, or too few people were reached for it to count.
bool IsWithin(const AbandonLimit& limit, const ReachedCount& count);

}  // namespace trunkline::scheduler
