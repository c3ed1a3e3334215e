// A webhook as Twilio sends it: signed, with an idempotency token, by POST or GET.
#pragma once

#include <string_view>

#include "libs/base/encoding.h"
#include "tools/provider-twin/connection_overrides.h"
#include "tools/provider-twin/twilio/call.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::twilio {

// How Twilio connects where the fragment of a URL says nothing else.
inline constexpr ConnectionRules kConnectionRules = {.usual = {.retries = 1, .on_connect_failure = true},
                                                     .longest_read = absl::Seconds(15),
                                                     .longest_total = absl::Seconds(15)};

// `target.url` may have a fragment with connection overrides.
Webhook MakeSignedWebhook(std::string_view kind, std::string_view call_sid, const Target& target,
                          std::string_view auth_token, Form params);

}  // namespace trunkline::twin::twilio
