// What a page tells the procedures.
#pragma once

#include <string>
#include <unordered_set>

#include "libs/tracking/platform_client.h"
#include "services/call-tracking-sync/passes/pass.h"

namespace trunkline::tracking_sync {

// `seen` holds the ids of the window's earlier pages, and takes this one's.
PageFacts FactsOf(const tracking::CallPage& page, std::unordered_set<std::string>* seen);

}  // namespace trunkline::tracking_sync
