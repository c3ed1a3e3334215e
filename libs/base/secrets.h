// Secrets by reference: "secret:NAME" stands for the content of the file NAME in the secrets directory, the way
// Kubernetes mounts them. Anything else stands for itself.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline {

// True for "secret:NAME".
bool IsSecretReference(std::string_view value);

// The secret's text without line ends at its end, or `value` itself when it is no reference. NOT_FOUND names the file
// that is missing; INVALID_ARGUMENT when NAME is no plain file name (letters, digits, '-', '_', '.').
absl::StatusOr<std::string> ResolveSecret(std::string_view value, std::string_view directory);

// TRUNKLINE_SECRETS_DIR, or /run/secrets/trunkline.
std::string SecretsDirectoryFromEnvironment();

}  // namespace trunkline
