// Which passes an account needs, by what its platform can do; no platform is named. Pure.
//
//   lists what changed last        the walk of changes; once a day what began in the last three days, to prove the walk
//   ... but not in order           rescans of 2 h, 48 h and 30 days
//   otherwise                      what began lately; what ended lately, where it can be listed; calls in progress, one
//   by
//                                  one; rescans of 48 h and 30 days, the first as a list of changes where that works;
//                                  and what was adjusted, where that can be listed
//   all of them                    once an hour calls in progress that have been going on for more than six hours
#pragma once

#include <set>
#include <vector>

#include "libs/tracking/account_settings.h"
#include "libs/tracking/rescan_setting.h"
#include "services/call-tracking-sync/passes/pass.h"
#include "trunkline/tracking/v1/feature.pb.h"

namespace trunkline::tracking_sync {

// What an account turned out to have of the features that no document promises; nothing: not known yet.
struct Probes {
  std::optional<bool> lists_by_end = std::nullopt;
  std::optional<bool> lists_by_change = std::nullopt;
  std::optional<absl::Time> probed_at = std::nullopt;

  bool operator==(const Probes&) const = default;
};

inline constexpr absl::Duration kOverlap = absl::Seconds(900);
inline constexpr absl::Duration kSafetyLag = absl::Seconds(60);
inline constexpr absl::Duration kFirstDepth = absl::Hours(24 * 30);
// A call that goes on for longer is asked for by itself; for so long that nobody believes it, and it is closed.
inline constexpr absl::Duration kLongestLive = absl::Hours(6);
inline constexpr absl::Duration kUnbelievablyLive = absl::Hours(24);

// In the order in which they are run when several are due.
// `rescans`: the account's own, instead of the platform's; none: those.
std::vector<Pass> PassesOf(const std::set<tracking::v1::Feature>& features, const Probes& probes, bool order_violated,
                           const tracking::SyncSettings& settings, const std::vector<tracking::Rescan>& rescans = {});
// A pass over a range that somebody asked for. `key` tells it from others.
Pass RangePass(const std::string& name, Priority priority, const tracking::SyncSettings& settings);

}  // namespace trunkline::tracking_sync
