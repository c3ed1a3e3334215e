// Call-tracking platforms by name. The ones that Trunkline was built with are in built_in_platforms.h.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/tracking/tracking_platform.h"

namespace trunkline::tracking {

class Registry {
 public:
  explicit Registry(std::vector<std::unique_ptr<TrackingPlatform>> platforms);

  // Null when no platform has this name.
  const TrackingPlatform* Find(std::string_view name) const;
  // In alphabetical order.
  std::vector<std::string> Names() const;

 private:
  std::map<std::string, std::unique_ptr<TrackingPlatform>, std::less<>> platforms_;
};

}  // namespace trunkline::tracking
