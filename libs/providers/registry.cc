#include "libs/providers/registry.h"

#include <utility>

namespace trunkline::providers {

Registry::Registry(std::vector<std::unique_ptr<Provider>> providers) {
  for (auto& provider : providers) {
    const std::string name(provider->Name());
    providers_.emplace(name, std::move(provider));
  }
}

const Provider* Registry::Find(std::string_view name) const {
  const auto found = providers_.find(name);
  return found == providers_.end() ? nullptr : found->second.get();
}

std::vector<std::string> Registry::Names() const {
  std::vector<std::string> names;
  names.reserve(providers_.size());
  for (const auto& [name, provider] : providers_) names.push_back(name);
  return names;
}

}  // namespace trunkline::providers
