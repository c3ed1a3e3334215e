// TrackDrive (https://trackdrive.com) as a call-tracking platform.
//
// Settings of an account, beside those of every tracking account (libs/tracking/account_settings.h)
//   subdomain                  of the company: https://{subdomain}.trackdrive.com; required without api_url
//   realtime                   "true": webhooks for calls that go on, too; "false" (default): for their end and changes
//   update_method              PUT or POST; without it PUT, and POST where the platform does not take it
//   provider_configuration_id  the carrier that numbers are bought of
//
// Credentials
//   public_key, private_key    required: the company's access token, HTTP Basic
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "libs/tracking/environment_variable.h"
#include "libs/tracking/tracking_platform.h"

namespace trunkline::tracking::trackdrive {

inline constexpr std::string_view kName = "trackdrive";
std::unique_ptr<TrackingPlatform> MakePlatform(const PlatformOptions& options);
// Of an account that the environment describes, beside those of every platform (libs/tracking/environment_account.h).
std::vector<EnvironmentVariable> EnvironmentVariables();

}  // namespace trunkline::tracking::trackdrive
