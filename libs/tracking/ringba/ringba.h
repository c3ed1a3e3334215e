// Ringba (https://www.ringba.com) as a call-tracking platform.
//
// Settings of an account, beside those of every tracking account (libs/tracking/account_settings.h)
//   account_id                required: RA...
//   credential_type           "api_key" (default) or "oauth"
//   webhook_registration      "manual" (default): a person enters the pixels; "event_callbacks": over the API, where
//   the
//                             account has it
//   webhook_campaigns         ids of campaigns (CA...) that pixels are linked to, by comma
//   charge_account_if_needed  "true": numbers may be charged to the stored card; "false" unless set
//   without_columns           columns of the call log that the account does not have, by comma
//
// Credentials
//   api_token                 required with api_key
//   username, password        required with oauth: a bearer token is fetched and renewed
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libs/tracking/environment_variable.h"
#include "libs/tracking/tracking_platform.h"

namespace trunkline::tracking::ringba {

inline constexpr std::string_view kName = "ringba";
std::unique_ptr<TrackingPlatform> MakePlatform(const PlatformOptions& options);
// Of an account that the environment describes, beside those of every platform (libs/tracking/environment_account.h).
std::vector<EnvironmentVariable> EnvironmentVariables();

}  // namespace trunkline::tracking::ringba
