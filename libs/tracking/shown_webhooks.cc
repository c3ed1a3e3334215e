#include "libs/tracking/shown_webhooks.h"

#include <string>

#include "libs/tracking/webhook_modes.h"

namespace trunkline::tracking {

std::vector<WebhookEntry> WebhooksToShow(const TrackingPlatform& platform, Account account) {
  account.credentials.clear();
  const auto modes = WebhookModesOf(account);
  if (modes.ok() && modes->contains(WebhookMode::kUrlToken)) {
    account.credentials[std::string(kWebhookToken)] = std::string(kTokenPlaceholder);
  }
  return platform.UrlsToEnter(account);
}

}  // namespace trunkline::tracking
