// Ages as they are written on the command line.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline::trunkctl {

// "90d", "36h", "15m". INVALID_ARGUMENT when it is nothing of the kind, or below zero.
absl::StatusOr<absl::Duration> ParseAge(std::string_view text);

// A moment, given as an age before `now` or in RFC 3339: "2h", "2026-01-15T09:00:00Z".
absl::StatusOr<absl::Time> ParseMoment(std::string_view text, absl::Time now);

}  // namespace trunkline::trunkctl
