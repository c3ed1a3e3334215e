// Retreaver (https://www.retreaver.com) as a call-tracking platform.
//
// Settings of an account, beside those of every tracking account (libs/tracking/account_settings.h)
//   company_id              required: the company whose calls are read
//   calls_api_version       1 to 4; 2 unless set
//   data_writing_url        where tags are written, instead of https://retreaverdata.com/data_writing
//   webhook_registration    "manual" (default): a person enters the URLs; "timers": the one at the start of a call is
//                           entered as a timer of webhook_campaign
//   webhook_campaign        the campaign's cid, for timers
//   conversion_postback_url the portal's URL for conversions; {key}, {call_uuid}, {revenue}, {payout} and {converted}
//   in it
//                           are replaced. Without it, money and conversion of a call cannot be changed
//
// Credentials
//   api_key                    required; stands in every URL, so that no URL of Retreaver's is ever logged or kept
//   data_writing_postback_key  to change tags
//   conversion_postback_key    for {key}
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libs/tracking/environment_variable.h"
#include "libs/tracking/tracking_platform.h"

namespace trunkline::tracking::retreaver {

inline constexpr std::string_view kName = "retreaver";
std::unique_ptr<TrackingPlatform> MakePlatform(const PlatformOptions& options);
// Of an account that the environment describes, beside those of every platform (libs/tracking/environment_account.h).
std::vector<EnvironmentVariable> EnvironmentVariables();

}  // namespace trunkline::tracking::retreaver
