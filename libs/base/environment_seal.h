// Secrets in environment variables: sealed, so that who reads the environment of a process or a manifest has no secret.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline {

// "sealed:" and base64 of AES-256-GCM over the value, with a key of 32 bytes. It opens as the value of this variable
// only.
std::string SealForEnvironment(std::string_view key, std::string_view variable, std::string_view value);
// DATA_LOSS for anything else than that.
absl::StatusOr<std::string> OpenFromEnvironment(std::string_view key, std::string_view variable,
                                                std::string_view sealed);

}  // namespace trunkline
