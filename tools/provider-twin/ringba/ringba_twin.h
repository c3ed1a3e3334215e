// Ringba: lists by offset of a call log without a time of change, details by the batch, pixels, tokens of two kinds.
#pragma once

#include <memory>

#include "tools/provider-twin/tracking/platform.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::ringba {

// `world` outlives it.
std::unique_ptr<tracking::Platform> MakePlatform(const World& world);

}  // namespace trunkline::twin::ringba
