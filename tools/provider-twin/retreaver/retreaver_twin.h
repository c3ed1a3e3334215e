// Retreaver: bare lists with a Link header, last changed first, the key in every URL.
#pragma once

#include <memory>

#include "tools/provider-twin/tracking/platform.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::retreaver {

// `world` outlives it.
std::unique_ptr<tracking::Platform> MakePlatform(const World& world);

}  // namespace trunkline::twin::retreaver
