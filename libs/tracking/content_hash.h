// What tells whether two readings of a call say the same.
#pragma once

#include <string>

#include "libs/tracking/tracked_call.h"

namespace trunkline::tracking {

// SHA-256, 64 lower-case hexadecimal digits, over the canonical JSON of what a call says: sorted names, times in UTC
// with milliseconds, amounts with four decimals, null for what is not there. Names of campaigns and people are left
// out, and of the recording only whether there is one, since its URL may carry a signature that changes. `known_tags`
// stand in for those of a reading that carries none (a list of some platform, beside the detail of the call).
std::string ContentHash(std::string_view platform, const TrackedCall& call, const Tags* known_tags = nullptr);
// What is hashed.
std::string CanonicalJson(std::string_view platform, const TrackedCall& call, const Tags* known_tags = nullptr);

// "2026-03-02T14:05:11.204Z"
std::string FormatMilliseconds(absl::Time time);

}  // namespace trunkline::tracking
