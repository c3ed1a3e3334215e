#include "tools/provider-twin/tracking/request_windows.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trunkline::twin::tracking {
namespace {

constexpr std::array<std::string_view, 4> kUnits = {"second", "minute", "hour", "day"};

}  // namespace

absl::Duration LengthOf(std::string_view unit) {
  if (unit == "second") return absl::Seconds(1);
  if (unit == "minute") return absl::Minutes(1);
  if (unit == "hour") return absl::Hours(1);
  return unit == "day" ? absl::Hours(24) : absl::ZeroDuration();
}

void RequestWindows::SetLimits(std::vector<Limit> limits) {
  limits_ = std::move(limits);
  Clear();
}

const Limit* RequestWindows::FindLimit(std::string_view resource, std::string_view unit) const {
  const auto found = std::find_if(limits_.begin(), limits_.end(),
                                  [&](const Limit& limit) { return limit.resource == resource && limit.unit == unit; });
  return found == limits_.end() ? nullptr : &*found;
}

std::optional<RequestWindows::Exceeded> RequestWindows::Ask(std::string_view resource, absl::Time now) {
  std::optional<Exceeded> exceeded;
  for (const std::string_view unit : kUnits) {
    Counter& counter = counters_[{std::string(resource), std::string(unit)}];
    const absl::Duration length = LengthOf(unit);
    while (!counter.times.empty() && counter.times.front() <= now - length) counter.times.pop_front();
    counter.times.push_back(now);
    const auto count = static_cast<int64_t>(counter.times.size());
    if (count > counter.highest) {
      counter.highest = count;
      counter.highest_at = now;
    }
    const Limit* limit = FindLimit(resource, unit);
    if (limit == nullptr || count <= limit->most) continue;
    ++counter.refused;
    // The longest window that is full says how long to wait.
    const absl::Time leaves =
        limit->most > 0 ? counter.times[static_cast<size_t>(count - limit->most)] : counter.times.back();
    exceeded = Exceeded{.limit = *limit, .count = count, .until_free = leaves + length - now};
  }
  return exceeded;
}

std::vector<RequestWindows::Use> RequestWindows::UseOfEach() const {
  std::vector<Use> uses;
  for (const auto& [name, counter] : counters_) {
    const Limit* limit = FindLimit(name.first, name.second);
    uses.push_back({.limit = {name.first, name.second, limit == nullptr ? 0 : limit->most},
                    .highest = counter.highest,
                    .highest_at = counter.highest_at,
                    .refused = counter.refused});
  }
  return uses;
}

void RequestWindows::Clear() { counters_.clear(); }

}  // namespace trunkline::twin::tracking
