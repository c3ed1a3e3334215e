#include "libs/tracking/environment_account.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "libs/base/text.h"
#include "libs/tracking/built_in_platforms.h"
#include "libs/tracking/environment_variable.h"

namespace trunkline::tracking {
namespace {

constexpr std::string_view kEnabled = "ENABLED";
constexpr std::array kShared = {
    EnvironmentVariable{"CREDENTIAL_TYPE", AccountPart::kSetting, "credential_type"},
    EnvironmentVariable{"API_URL", AccountPart::kSetting, "api_url"},
    EnvironmentVariable{"CURRENCY", AccountPart::kSetting, "currency"},
    EnvironmentVariable{"WEBHOOK_MODES", AccountPart::kSetting, "webhook_modes"},
    EnvironmentVariable{"WEBHOOK_SOURCE_ADDRESSES", AccountPart::kSetting, "webhook_source_addresses"},
    EnvironmentVariable{"APPLY_MODE", AccountPart::kSetting, "apply_mode"},
    EnvironmentVariable{"APPLY_FROM", AccountPart::kSetting, "apply_from"},
    EnvironmentVariable{"WEBHOOK_TOKEN_ENCRYPTED", AccountPart::kCredential, "webhook_token"},
    EnvironmentVariable{"WEBHOOK_HMAC_SECRET_ENCRYPTED", AccountPart::kCredential, "webhook_hmac_secret"},
    EnvironmentVariable{"WEBHOOK_KEY_ENCRYPTED", AccountPart::kCredential, "webhook_key"},
    EnvironmentVariable{"WEBHOOK_USERNAME", AccountPart::kCredential, "webhook_username"},
    EnvironmentVariable{"WEBHOOK_PASSWORD_ENCRYPTED", AccountPart::kCredential, "webhook_password"},
};

std::vector<EnvironmentVariable> VariablesOf(std::string_view platform) {
  std::vector<EnvironmentVariable> variables = EnvironmentVariablesOf(platform);
  variables.insert(variables.end(), kShared.begin(), kShared.end());
  return variables;
}

std::string PrefixOf(std::string_view platform) {
  std::string prefix(platform);
  std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return prefix + "_";
}

absl::Status Wrong(std::string_view variable, std::string_view problem) {
  return absl::InvalidArgumentError(ToAbsl(Concat(variable, ": ", problem)));
}

absl::Status CheckNames(const std::string& prefix, const std::vector<EnvironmentVariable>& variables,
                        const Environment& environment) {
  for (auto it = environment.lower_bound(prefix); it != environment.end() && it->first.starts_with(prefix); ++it) {
    const std::string_view suffix = std::string_view(it->first).substr(prefix.size());
    const bool known = suffix == kEnabled || std::any_of(variables.begin(), variables.end(),
                                                         [&](const auto& one) { return one.suffix == suffix; });
    if (!known) return Wrong(it->first, "there is no such variable");
  }
  return absl::OkStatus();
}

}  // namespace

Environment ProcessEnvironment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

absl::StatusOr<std::optional<EnvironmentAccount>> ReadEnvironmentAccount(std::string_view platform,
                                                                         const Environment& environment) {
  const std::string prefix = PrefixOf(platform);
  const auto enabled = environment.find(Concat(prefix, kEnabled));
  if (enabled == environment.end() || enabled->second.empty()) return std::nullopt;
  if (enabled->second != "true" && enabled->second != "false") return Wrong(enabled->first, "must be true or false");
  const std::vector<EnvironmentVariable> variables = VariablesOf(platform);
  if (absl::Status names = CheckNames(prefix, variables, environment); !names.ok()) return names;
  EnvironmentAccount account{.enabled = enabled->second == "true"};
  for (const EnvironmentVariable& variable : variables) {
    const auto found = environment.find(Concat(prefix, variable.suffix));
    if (found == environment.end() || found->second.empty()) continue;
    const std::string name(variable.name);
    if (variable.part == AccountPart::kSetting) {
      account.settings.emplace(name, found->second);
    } else {
      account.credentials.emplace(name, EnvironmentValue{found->first, found->second});
    }
  }
  return account;
}

}  // namespace trunkline::tracking
