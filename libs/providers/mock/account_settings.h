// Settings and credentials of an account; mock.h tells what they mean.
#pragma once

#include <string_view>
#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

inline constexpr std::string_view kProviderName = "mock";
inline constexpr std::string_view kTimeScale = "time_scale";
inline constexpr std::string_view kWebhookSecret = "webhook_secret";

// 1 when it is not set, or is no such number.
double TimeScaleOf(const Account& account);
std::vector<AccountProblem> CheckAccountForm(const Account& account);

}  // namespace trunkline::providers::mock
