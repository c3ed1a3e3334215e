// The webhook URLs that Trunkline hands out, and their reading back when a provider asks them.
//
//   {public_url}/telephony/webhook/{provider}/{event}?account={provider_account_id}[&call={call_id}|&bulk={bulk_id}][&step={step}]
//
// `call` names the call that Trunkline placed: with it a webhook is tied to its call before the provider's id of the
// call is known. `bulk` names the many calls of one request, among which the dialled number tells. Both may be believed
// only after the provider's signature over the URL held.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::providers {

struct WebhookUrl {
  std::string provider;
  std::string event;       // "voice", "status", "recording", ...
  std::string account_id;  // empty on legacy URLs
  std::string call_id;     // empty for calls that Trunkline did not place
  std::string bulk_id;     // empty for calls that were placed one by one
  std::string step;        // the plan's step that goes on; empty at the start of a call

  // `public_url` without a slash at its end.
  std::string Render(std::string_view public_url) const;
};

// Of a URL or of a request target. Parts that are missing, and ids that are no UUIDs, are empty.
WebhookUrl ReadWebhookUrl(std::string_view url);

}  // namespace trunkline::providers
