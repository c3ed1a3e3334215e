#include "services/gateway/accounts/credential_vault.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr std::string_view kSealed = "sealed:";
constexpr std::string_view kReference = "secret:";
constexpr std::string_view kBusinessPlaceholder = "{business_id}";

std::string ContextOf(std::string_view account_id, std::string_view name) { return Concat(account_id, "/", name); }

std::string PrefixFor(std::string_view business_id, std::string prefix) {
  if (const size_t at = prefix.find(kBusinessPlaceholder); at != std::string::npos) {
    prefix.replace(at, kBusinessPlaceholder.size(), business_id);
  }
  return prefix;
}

}  // namespace

CredentialVault::CredentialVault(Options options) : options_(std::move(options)) {}

absl::StatusOr<std::string> CredentialVault::Resolve(std::string_view business_id, std::string_view reference) const {
  const std::string_view name = reference.substr(kReference.size());
  if (!name.starts_with(PrefixFor(business_id, options_.secret_prefix))) {
    return absl::InvalidArgumentError("accounts of this business may not refer to this secret");
  }
  TL_ASSIGN_OR_RETURN(std::string value, ResolveSecret(reference, options_.secrets_directory));
  // Without this, an account could be made that sends the services' own secrets to a server of its choice.
  const bool reserved = HexDecode(value) == options_.key ||
                        std::find(options_.reserved.begin(), options_.reserved.end(), value) != options_.reserved.end();
  if (reserved || name.ends_with("database-url")) {
    return absl::InvalidArgumentError("this secret is for Trunkline's own services");
  }
  return value;
}

absl::StatusOr<std::string> CredentialVault::Store(std::string_view business_id, std::string_view account_id,
                                                   std::string_view name, std::string_view given) const {
  if (IsSecretReference(given)) {
    if (const absl::Status status = Resolve(business_id, given).status(); !status.ok()) {
      return absl::InvalidArgumentError(status.message());
    }
    return std::string(given);
  }
  return Concat(kSealed, Base64Encode(Seal(options_.key, ContextOf(account_id, name), given)));
}

absl::StatusOr<std::string> CredentialVault::Open(std::string_view business_id, std::string_view account_id,
                                                  std::string_view name, std::string_view stored) const {
  if (IsSecretReference(stored)) return Resolve(business_id, stored);
  const std::optional<std::string> sealed =
      stored.starts_with(kSealed) ? Base64Decode(stored.substr(kSealed.size())) : std::nullopt;
  if (!sealed.has_value()) return absl::DataLossError("a stored credential is neither a secret's name nor sealed");
  return trunkline::Open(options_.key, ContextOf(account_id, name), *sealed);
}

std::string Shown(std::string_view stored) {
  return IsSecretReference(stored) ? std::string(stored) : std::string(kStored);
}

}  // namespace trunkline::gateway
