// The call-tracking platforms that Trunkline is built with.
#pragma once

#include "libs/tracking/registry.h"

namespace trunkline::tracking {

Registry BuiltInPlatforms(const PlatformOptions& options);

}  // namespace trunkline::tracking
