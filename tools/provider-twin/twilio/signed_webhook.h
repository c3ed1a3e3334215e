// A webhook as Twilio sends it: signed, with an idempotency token, by POST or GET.
#pragma once

#include <string_view>

#include "libs/base/encoding.h"
#include "tools/provider-twin/twilio/call.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::twilio {

// `target.url` may have a fragment with connection overrides.
Webhook MakeSignedWebhook(std::string_view kind, std::string_view call_sid, const Target& target,
                          std::string_view auth_token, Form params);

}  // namespace trunkline::twin::twilio
