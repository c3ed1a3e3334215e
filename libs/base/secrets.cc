#include "libs/base/secrets.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "libs/base/text.h"

namespace trunkline {
namespace {

constexpr std::string_view kPrefix = "secret:";
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

}  // namespace

bool IsSecretReference(std::string_view value) { return value.starts_with(kPrefix); }

absl::StatusOr<std::string> ResolveSecret(std::string_view value, std::string_view directory) {
  if (!IsSecretReference(value)) return std::string(value);
  const std::string_view name = value.substr(kPrefix.size());
  if (name.empty() || name.front() == '.' || name.find_first_not_of(kNameCharacters) != std::string_view::npos) {
    return absl::InvalidArgumentError("a secret's name consists of letters, digits, '-', '_' and '.'");
  }
  const std::string path = Concat(directory, "/", name);
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(ToAbsl(Concat("there is no readable secret file ", path)));
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string SecretsDirectoryFromEnvironment() {
  const char* directory = std::getenv("TRUNKLINE_SECRETS_DIR");
  return directory != nullptr ? directory : "/run/secrets/trunkline";
}

}  // namespace trunkline
