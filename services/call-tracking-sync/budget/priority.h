// What a request to a platform is for. Among requests that wait, the first of this list goes first.
#pragma once

#include <array>
#include <string_view>

namespace trunkline::tracking_sync {

enum class Priority { kWebhookFetch, kIncremental, kLive, kConsistency, kRescan, kBackfill };

inline constexpr std::array<std::string_view, 6> kPriorityNames = {"webhook_fetch", "incremental", "live",
                                                                   "consistency",   "rescan",      "backfill"};
inline std::string_view NameOf(Priority priority) { return kPriorityNames[static_cast<size_t>(priority)]; }

}  // namespace trunkline::tracking_sync
