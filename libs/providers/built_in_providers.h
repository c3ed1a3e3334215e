// The providers that Trunkline was built with: built_in_providers.cc is the one place to add one.
#pragma once

#include "libs/providers/provider.h"
#include "libs/providers/registry.h"

namespace trunkline::providers {

Registry BuiltInProviders(const ProviderOptions& options);

}  // namespace trunkline::providers
