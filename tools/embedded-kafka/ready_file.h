// Tells whoever started this program where the broker listens, once it does.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace trunkline {

// The file appears complete or not at all.
absl::Status WriteReadyFile(const std::string& path, std::string_view bootstrap);

}  // namespace trunkline
