// The webhooks of an account as they may be shown and kept: without its secrets.
#pragma once

#include <string_view>
#include <vector>

#include "libs/tracking/tracking_platform.h"

namespace trunkline::tracking {

// Stands in the URLs where the path holds the account's token.
inline constexpr std::string_view kTokenPlaceholder = "WEBHOOK_TOKEN";

// TrackingPlatform::UrlsToEnter with the placeholder. The account may come without its credentials.
std::vector<WebhookEntry> WebhooksToShow(const TrackingPlatform& platform, Account account);

}  // namespace trunkline::tracking
