// The setting sync_rescans of an account: how far back is read again, and how often.
//
//   sync_rescans   "48h@1h,30d@24h": what began in the last 48 hours every hour, and what began before that in the last
//                  30 days once a day. The platforms' defaults unless set
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace trunkline::tracking {

inline constexpr std::string_view kRescans = "sync_rescans";

struct Rescan {
  absl::Duration depth;
  absl::Duration period;

  bool operator==(const Rescan&) const = default;
};

// From 1 to 8 of them, the deeper one later; nothing for any other text. Depths to 365 days, periods from 10 seconds.
std::optional<std::vector<Rescan>> ReadRescans(std::string_view text);

}  // namespace trunkline::tracking
