// What an account at TrackDrive has beside the settings of every tracking account: see trackdrive.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/tracking/account_settings.h"

namespace trunkline::tracking::trackdrive {

inline constexpr std::string_view kPlatform = "trackdrive";

inline constexpr std::string_view kSubdomain = "subdomain";
inline constexpr std::string_view kRealtime = "realtime";
inline constexpr std::string_view kUpdateMethod = "update_method";
inline constexpr std::string_view kProviderConfiguration = "provider_configuration_id";

inline constexpr std::string_view kPublicKey = "public_key";
inline constexpr std::string_view kPrivateKey = "private_key";

std::vector<AccountProblem> CheckAccountForm(const Account& account);

// Without a slash at its end.
std::string ApiUrlOf(const Account& account);
// Whether news of calls that go on are wanted.
bool WantsLiveEvents(const Account& account);

}  // namespace trunkline::tracking::trackdrive
