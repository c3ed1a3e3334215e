// Credentials of provider accounts at rest, and in clear again (promise 9).
//
// Stored is "secret:NAME", which names a secret of the deployment, or "sealed:" and base64 of AES-256-GCM over the
// value. A sealed value is bound to its account and name: moved to another row it does not open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace trunkline::gateway {

class CredentialVault {
 public:
  struct Options {
    std::string key;                // 32 bytes
    std::string secrets_directory;  // of "secret:NAME"
    // Names that accounts may refer to begin with it; "{business_id}" in it stands for the account's business.
    std::string secret_prefix;
    // The services' own secrets: no account may refer to a secret of such a value, whatever its name, nor to `key`.
    std::vector<std::string> reserved;
  };

  explicit CredentialVault(Options options);

  // What is stored for a value that was given. INVALID_ARGUMENT when it refers to a secret that is not there, or that
  // accounts may not use.
  absl::StatusOr<std::string> Store(std::string_view business_id, std::string_view account_id, std::string_view name,
                                    std::string_view given) const;
  // The value in clear. NOT_FOUND: its secret is missing; DATA_LOSS: it was not sealed here, or not for this account.
  absl::StatusOr<std::string> Open(std::string_view business_id, std::string_view account_id, std::string_view name,
                                   std::string_view stored) const;

 private:
  absl::StatusOr<std::string> Resolve(std::string_view business_id, std::string_view reference) const;

  const Options options_;
};

// What a reply shows of a stored credential: "secret:NAME" or "(stored)".
std::string Shown(std::string_view stored);
// The word that stands for a credential that is stored.
inline constexpr std::string_view kStored = "(stored)";

}  // namespace trunkline::gateway
