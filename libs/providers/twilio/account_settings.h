// The settings and credentials of an account (twilio.h), read and checked by their form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::twilio {

inline constexpr std::string_view kAccountSid = "account_sid";
inline constexpr std::string_view kApiUrl = "api_url";
inline constexpr std::string_view kRegion = "region";
inline constexpr std::string_view kEdge = "edge";
inline constexpr std::string_view kDefaultRegion = "default_region";
inline constexpr std::string_view kAuthToken = "auth_token";
inline constexpr std::string_view kAuthTokenSecondary = "auth_token_secondary";
inline constexpr std::string_view kApiKeySid = "api_key_sid";
inline constexpr std::string_view kApiKeySecret = "api_key_secret";

// What is wrong with an account, without asking anybody.
std::vector<AccountProblem> CheckAccountForm(const Account& account);

// Scheme, host and port of the account's REST API and a path before the API's own, without a slash at the end.
std::string ApiUrlOf(const Account& account);
// The same without the path.
std::string ApiOriginOf(const Account& account);

// True for `prefix` and 32 hexadecimal digits, the form of Twilio's ids.
bool IsSid(std::string_view text, std::string_view prefix);

// Who asks the REST API.
struct ApiCredentials {
  std::string username;
  std::string password;
};
// The API key where there is one, else the account's token.
ApiCredentials ApiCredentialsOf(const Account& account);
// The account's token, which also signs the webhooks.
ApiCredentials TokenCredentialsOf(const Account& account);

}  // namespace trunkline::providers::twilio
