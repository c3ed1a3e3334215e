// The webhook URLs to enter at a call-tracking platform, and their reading back.
//
//   {public_url}/webhooks/{platform}/{account_id}/{event}[/{token}][?template of the platform]
//
// One URL for each event, since what the platforms send does not name it. The shorter forms /webhooks/{platform},
// /webhooks/{platform}/{token} and /webhooks/{platform}/{account_id}/{token}, with event and account in the query, are
// read too: callers that were set up for another receiver use them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trunkline::tracking {

// Of the secret in a path: 32 bytes in base64url, longer than any event's name.
inline constexpr size_t kShortestToken = 43;

struct WebhookUrl {
  std::string platform;
  std::string account_id;  // a UUID; empty on the short forms without account=
  std::string event;       // the platform's word: "call_ended"
  std::string token;       // the secret, with url_token

  // `query` as it stands in the platform's form, tokens of its own template included.
  std::string Render(std::string_view public_url, std::string_view query = {}) const;
};

// Of a URL or a request target; empty when it is none of a platform's webhooks.
WebhookUrl ReadWebhookUrl(std::string_view url);

// What stands between '?' and '#', not decoded; empty without '?'.
std::string_view QueryOf(std::string_view url);

// The URL without the secret, and without the values of parameters that hold secrets.
std::string WebhookUrlToKeep(std::string_view url);

}  // namespace trunkline::tracking
