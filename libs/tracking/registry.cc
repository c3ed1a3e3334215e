#include "libs/tracking/registry.h"

#include <utility>

namespace trunkline::tracking {

Registry::Registry(std::vector<std::unique_ptr<TrackingPlatform>> platforms) {
  for (auto& platform : platforms) {
    std::string name(platform->Name());
    platforms_.emplace(std::move(name), std::move(platform));
  }
}

const TrackingPlatform* Registry::Find(std::string_view name) const {
  const auto found = platforms_.find(name);
  return found == platforms_.end() ? nullptr : found->second.get();
}

std::vector<std::string> Registry::Names() const {
  std::vector<std::string> names;
  names.reserve(platforms_.size());
  for (const auto& [name, platform] : platforms_) names.push_back(name);
  return names;
}

}  // namespace trunkline::tracking
