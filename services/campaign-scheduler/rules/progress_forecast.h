// When a campaign may be done, from how it went lately. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "absl/time/time.h"

namespace trunkline::scheduler {

// How many contacts were finished in a stretch of time in which the campaign ran and could call.
struct PaceSample {
  absl::Duration length;
  int64_t finished = 0;
};

struct ForecastFacts {
  absl::Time now;
  int64_t remaining = 0;                  // contacts that are not finished
  std::optional<absl::Time> last_due_at;  // of the contacts that wait: none of them is finished before
  // Of the time lately, any order; stretches in which nobody may be called are left out.
  std::span<const PaceSample> samples;
  // The part of the time in which contacts may be called, more than 0 and at most 1: 0.5 with windows of twelve hours.
  double open_part = 1;
};

struct Forecast {
  double finished_per_minute = 0;      // lately
  std::optional<absl::Time> expected;  // unset when nothing can be told: nobody was finished lately
  std::optional<absl::Time> earliest;  // four times out of five it is between the two
  std::optional<absl::Time> latest;    // unset when it may be never
};

Forecast ForecastCompletion(const ForecastFacts& facts);

}  // namespace trunkline::scheduler
