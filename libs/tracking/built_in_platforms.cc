#include "libs/tracking/built_in_platforms.h"

#include <memory>
#include <utility>
#include <vector>

#include "libs/tracking/retreaver/retreaver.h"
#include "libs/tracking/ringba/ringba.h"
#include "libs/tracking/trackdrive/trackdrive.h"

namespace trunkline::tracking {

Registry BuiltInPlatforms(const PlatformOptions& options) {
  std::vector<std::unique_ptr<TrackingPlatform>> platforms;
  platforms.push_back(retreaver::MakePlatform(options));
  platforms.push_back(ringba::MakePlatform(options));
  platforms.push_back(trackdrive::MakePlatform(options));
  return Registry(std::move(platforms));
}

std::vector<EnvironmentVariable> EnvironmentVariablesOf(std::string_view platform) {
  if (platform == retreaver::kName) return retreaver::EnvironmentVariables();
  if (platform == ringba::kName) return ringba::EnvironmentVariables();
  if (platform == trackdrive::kName) return trackdrive::EnvironmentVariables();
  return {};
}

}  // namespace trunkline::tracking
