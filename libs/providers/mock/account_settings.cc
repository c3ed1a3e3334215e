#include "libs/providers/mock/account_settings.h"

#include <optional>
#include <string>

#include "libs/base/text.h"

namespace trunkline::providers::mock {
namespace {

constexpr double kFastest = 0.0001;
constexpr double kSlowest = 100;

std::optional<double> ReadTimeScale(const Account& account) {
  const std::optional<double> scale = ParseDouble(account.Setting(kTimeScale));
  return scale.has_value() && *scale >= kFastest && *scale <= kSlowest ? scale : std::nullopt;
}

}  // namespace

double TimeScaleOf(const Account& account) { return ReadTimeScale(account).value_or(1); }

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  std::vector<AccountProblem> problems;
  for (const auto& [name, value] : account.settings) {
    if (name != kTimeScale) problems.push_back({Concat("settings.", name), "UNKNOWN", "is no setting of mock"});
  }
  for (const auto& [name, value] : account.credentials) {
    if (name != kWebhookSecret)
      problems.push_back({Concat("credentials.", name), "UNKNOWN", "is no credential of mock"});
  }
  if (!account.Setting(kTimeScale).empty() && !ReadTimeScale(account).has_value()) {
    problems.push_back({Concat("settings.", kTimeScale), "MALFORMED", "must be a number from 0.0001 to 100"});
  }
  return problems;
}

}  // namespace trunkline::providers::mock
