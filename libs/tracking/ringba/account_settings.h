// What an account at Ringba has beside the settings of every tracking account: see ringba.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/tracking/account_settings.h"

namespace trunkline::tracking::ringba {

inline constexpr std::string_view kPlatform = "ringba";

inline constexpr std::string_view kAccountId = "account_id";
inline constexpr std::string_view kWebhookRegistration = "webhook_registration";
inline constexpr std::string_view kWebhookCampaigns = "webhook_campaigns";
inline constexpr std::string_view kChargeIfNeeded = "charge_account_if_needed";
inline constexpr std::string_view kWithoutColumns = "without_columns";

inline constexpr std::string_view kApiToken = "api_token";
inline constexpr std::string_view kUsername = "username";
inline constexpr std::string_view kPassword = "password";

std::vector<AccountProblem> CheckAccountForm(const Account& account);

// Without a slash at its end: "https://api.ringba.com/v2".
std::string ApiUrlOf(const Account& account);
// True with a user and a password instead of a token.
bool LogsIn(const Account& account);
bool RegistersEventCallbacks(const Account& account);
// The pieces of a setting between commas, trimmed, without empty ones.
std::vector<std::string> PiecesOf(const Account& account, std::string_view setting);

}  // namespace trunkline::tracking::ringba
