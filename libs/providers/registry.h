// Providers by name. The ones that Trunkline was built with are in built_in_providers.h.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers {

class Registry {
 public:
  explicit Registry(std::vector<std::unique_ptr<Provider>> providers);

  // Null when no provider has this name.
  const Provider* Find(std::string_view name) const;
  // In alphabetical order.
  std::vector<std::string> Names() const;

 private:
  std::map<std::string, std::unique_ptr<Provider>, std::less<>> providers_;
};

}  // namespace trunkline::providers
