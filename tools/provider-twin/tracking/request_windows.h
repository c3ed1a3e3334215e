// Limits on an account's requests, as sliding windows, and a log of how close to them it came. Requests that are
// refused count too, as the platforms count them: who does not stop asking is not let in again.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace trunkline::twin::tracking {

struct Limit {
  std::string resource;  // of requests: "list", "detail", "report", "other"
  std::string unit;      // "second", "minute", "hour", "day"
  int64_t most = 0;
};
absl::Duration LengthOf(std::string_view unit);  // zero for a word that is no unit

class RequestWindows {
 public:
  struct Exceeded {
    Limit limit;
    int64_t count = 0;          // in the window, this one too
    absl::Duration until_free;  // when one would be let in, if nobody asked meanwhile
  };
  struct Use {
    Limit limit;
    int64_t highest = 0;    // requests in any window of that length
    absl::Time highest_at;  // its end
    int64_t refused = 0;
  };

  // Forgets what was counted.
  void SetLimits(std::vector<Limit> limits);
  const std::vector<Limit>& limits() const { return limits_; }

  // Counts a request; what it is refused by, if anything. Time does not go back.
  std::optional<Exceeded> Ask(std::string_view resource, absl::Time now);
  // Of each resource that was asked for and each unit, limited or not.
  std::vector<Use> UseOfEach() const;
  void Clear();

 private:
  struct Counter {
    std::deque<absl::Time> times;
    int64_t highest = 0;
    absl::Time highest_at;
    int64_t refused = 0;
  };
  const Limit* FindLimit(std::string_view resource, std::string_view unit) const;

  std::vector<Limit> limits_;
  std::map<std::pair<std::string, std::string>, Counter> counters_;  // by resource and unit
};

}  // namespace trunkline::twin::tracking
