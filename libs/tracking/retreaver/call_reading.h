// What Retreaver tells of a call, by its API (versions 1 to 4) and by its webhooks. Pure.
#pragma once

#include <string_view>

#include "libs/tracking/call_mapper.h"

namespace trunkline::tracking::retreaver {

absl::StatusOr<TrackedCall> ReadCall(const nlohmann::json& call, Extent extent);
TrackedCall ReadParameters(const nlohmann::json& parameters, std::string_view external_id, NotifiedEvent event);

// The words of event= in our URLs.
std::vector<EventWord> EventWords();
PlatformReading Reading();

}  // namespace trunkline::tracking::retreaver
