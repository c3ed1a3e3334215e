// What a client is told when a provider's API refuses or fails (see providers::CallClient).
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace trunkline::gateway {

absl::Status ProviderError(const absl::Status& cause, std::string_view doing);

}  // namespace trunkline::gateway
