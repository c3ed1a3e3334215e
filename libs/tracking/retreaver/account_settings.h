// What an account at Retreaver has beside the settings of every tracking account: see retreaver.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/tracking/account_settings.h"

namespace trunkline::tracking::retreaver {

inline constexpr std::string_view kPlatform = "retreaver";

inline constexpr std::string_view kCompanyId = "company_id";
inline constexpr std::string_view kApiVersion = "calls_api_version";
inline constexpr std::string_view kDataWritingUrl = "data_writing_url";
inline constexpr std::string_view kWebhookRegistration = "webhook_registration";
inline constexpr std::string_view kWebhookCampaign = "webhook_campaign";
inline constexpr std::string_view kConversionUrl = "conversion_postback_url";

inline constexpr std::string_view kApiKey = "api_key";
inline constexpr std::string_view kDataWritingKey = "data_writing_postback_key";
inline constexpr std::string_view kConversionKey = "conversion_postback_key";

std::vector<AccountProblem> CheckAccountForm(const Account& account);

// Without a slash at its end.
std::string ApiUrlOf(const Account& account);
std::string DataWritingUrlOf(const Account& account);
// "2"
std::string ApiVersionOf(const Account& account);
bool RegistersTimers(const Account& account);

}  // namespace trunkline::tracking::retreaver
