// Accounts that environment variables describe, for a deployment with one business that is started without the API. Of
// the platform "example":
//
//   EXAMPLE_ENABLED                  "true" or "false"; without it there is no such account
//   EXAMPLE_API_URL, _CREDENTIAL_TYPE, _CURRENCY, _WEBHOOK_MODES, _WEBHOOK_SOURCE_ADDRESSES, _APPLY_MODE, _APPLY_FROM
//                                    settings of every tracking account
//   EXAMPLE_WEBHOOK_TOKEN_ENCRYPTED, _WEBHOOK_HMAC_SECRET_ENCRYPTED, _WEBHOOK_KEY_ENCRYPTED,
//   _WEBHOOK_PASSWORD_ENCRYPTED, EXAMPLE_WEBHOOK_USERNAME         its credentials for webhooks
//
// and those of the platform, which stand with its settings (docs/config.md has them all). How the values of *_ENCRYPTED
// are sealed is for whoever opens them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline::tracking {

struct EnvironmentValue {
  std::string variable;
  std::string value;  // as it is written
};

struct EnvironmentAccount {
  bool enabled = false;
  std::map<std::string, std::string> settings;
  std::map<std::string, EnvironmentValue> credentials;
};

using Environment = std::map<std::string, std::string, std::less<>>;
// Of this process.
Environment ProcessEnvironment();

// Nothing without {PLATFORM}_ENABLED. INVALID_ARGUMENT names the variable that is wrong, or that nobody knows although
// it begins with the platform's name. The platform is one that is built in.
absl::StatusOr<std::optional<EnvironmentAccount>> ReadEnvironmentAccount(std::string_view platform,
                                                                         const Environment& environment);

}  // namespace trunkline::tracking
