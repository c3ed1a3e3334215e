// What TrackDrive tells of a call, by its API and by its webhooks. Pure.
#pragma once

#include <string_view>

#include "libs/tracking/call_mapper.h"

namespace trunkline::tracking::trackdrive {

absl::StatusOr<TrackedCall> ReadCall(const nlohmann::json& call, Extent extent);
TrackedCall ReadParameters(const nlohmann::json& parameters, std::string_view external_id, NotifiedEvent event);

// The names of subscriptions, and of what people enter as event= in triggers.
std::vector<EventWord> EventWords();
PlatformReading Reading();

}  // namespace trunkline::tracking::trackdrive
