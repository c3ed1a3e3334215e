#include "services/campaign-scheduler/rules/progress_forecast.h"

#include <algorithm>
#include <cmath>

namespace trunkline::scheduler {
namespace {

constexpr double kFourOutOfFive = 1.2816;  // standard deviations to both sides that hold 80 % of a normal distribution
constexpr double kTooWide = 3;             // when the latest would be e^3 times the expected, it may as well be never
constexpr absl::Duration kLongest = absl::Hours(24 * 3'650);

// How much more the samples differ than chance alone would have them: the variance of a count by its mean, at least 1.
double DispersionOf(std::span<const PaceSample> samples, double per_second) {
  if (samples.size() < 2) return 1;
  double sum = 0;
  size_t counted = 0;
  for (const PaceSample& sample : samples) {
    const double expected = per_second * absl::ToDoubleSeconds(sample.length);
    if (expected <= 0) continue;
    const double off = static_cast<double>(sample.finished) - expected;
    sum += off * off / expected;
    ++counted;
  }
  return counted < 2 ? 1 : std::max(1.0, sum / static_cast<double>(counted - 1));
}

}  // namespace

Forecast ForecastCompletion(const ForecastFacts& facts) {
  Forecast forecast;
  double seconds = 0;
  double finished = 0;
  for (const PaceSample& sample : facts.samples) {
    seconds += std::max(0.0, absl::ToDoubleSeconds(sample.length));
    finished += static_cast<double>(std::max<int64_t>(sample.finished, 0));
  }
  if (seconds > 0) forecast.finished_per_minute = finished * 60 / seconds;
  const absl::Time not_before = std::max(facts.now, facts.last_due_at.value_or(facts.now));
  if (facts.remaining <= 0) {
    forecast.expected = forecast.earliest = forecast.latest = facts.now;
    return forecast;
  }
  if (finished <= 0 || seconds <= 0 || facts.open_part <= 0) return forecast;

  const double per_second = finished / seconds;
  const auto remaining = static_cast<double>(facts.remaining);
  const double needed = remaining / per_second / std::min(facts.open_part, 1.0);
  // What the rate is not known by, and what chance adds on the way.
  const double spread = std::sqrt(DispersionOf(facts.samples, per_second) * (1 / finished + 1 / remaining));
  const auto at = [&](double times) {
    return std::max(not_before, facts.now + std::min(absl::Seconds(needed * times), kLongest));
  };
  forecast.expected = at(1);
  forecast.earliest = at(std::exp(-kFourOutOfFive * spread));
  if (kFourOutOfFive * spread < kTooWide) forecast.latest = at(std::exp(kFourOutOfFive * spread));
  return forecast;
}

}  // namespace trunkline::scheduler
