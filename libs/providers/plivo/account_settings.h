// The settings and credentials of an account (plivo.h), read and checked by their form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

inline constexpr std::string_view kAuthId = "auth_id";
inline constexpr std::string_view kMainAuthId = "main_auth_id";
inline constexpr std::string_view kApiUrl = "api_url";
inline constexpr std::string_view kDefaultRegion = "default_region";
inline constexpr std::string_view kCurrency = "currency";
inline constexpr std::string_view kWebhookSignatures = "webhook_signatures";
inline constexpr std::string_view kAuthToken = "auth_token";
inline constexpr std::string_view kAuthTokenSecondary = "auth_token_secondary";
inline constexpr std::string_view kMainAuthToken = "main_auth_token";

inline constexpr std::string_view kDefaultCurrency = "USD";

// What is wrong with an account, without asking anybody.
std::vector<AccountProblem> CheckAccountForm(const Account& account);

// The base of the account's REST API, without a slash at the end.
std::string ApiUrlOf(const Account& account);
// Its scheme, host and port.
std::string ApiOriginOf(const Account& account);
// "USD" unless the account says otherwise.
std::string CurrencyOf(const Account& account);
// True when the account accepts webhooks of this signature scheme ("v3", "v2", "v1").
bool AcceptsSignatures(const Account& account, std::string_view scheme);

// True where the account's credentials may be sent: the host of its API, and over https the hosts of plivo.com.
bool MayBeTrusted(const Account& account, std::string_view url);

}  // namespace trunkline::providers::plivo
