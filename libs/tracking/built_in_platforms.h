// The call-tracking platforms that Trunkline is built with.
#pragma once

#include <string_view>
#include <vector>

#include "libs/tracking/environment_variable.h"
#include "libs/tracking/registry.h"

namespace trunkline::tracking {

Registry BuiltInPlatforms(const PlatformOptions& options);

// Of a platform alone; see environment_account.h. None for one that is not built in.
std::vector<EnvironmentVariable> EnvironmentVariablesOf(std::string_view platform);

}  // namespace trunkline::tracking
