#include "libs/base/environment_seal.h"

#include <optional>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

constexpr std::string_view kSealed = "sealed:";

std::string ContextOf(std::string_view variable) { return Concat("environment/", variable); }

}  // namespace

std::string SealForEnvironment(std::string_view key, std::string_view variable, std::string_view value) {
  return Concat(kSealed, Base64Encode(Seal(key, ContextOf(variable), value)));
}

absl::StatusOr<std::string> OpenFromEnvironment(std::string_view key, std::string_view variable,
                                                std::string_view sealed) {
  if (!sealed.starts_with(kSealed)) return absl::DataLossError("not sealed");
  const std::optional<std::string> bytes = Base64Decode(sealed.substr(kSealed.size()));
  if (!bytes.has_value()) return absl::DataLossError("no base64");
  return Open(key, ContextOf(variable), *bytes);
}

}  // namespace trunkline
