// A variable of the environment that a single-tenant deployment describes its account at a platform with
// (environment_account.h).
#pragma once

#include <string_view>

namespace trunkline::tracking {

enum class AccountPart { kSetting, kCredential };

struct EnvironmentVariable {
  std::string_view suffix;  // behind the platform's name in capitals and '_'
  AccountPart part = AccountPart::kSetting;
  std::string_view name;  // of the setting or credential; of two variables for the same the first counts
};

}  // namespace trunkline::tracking
