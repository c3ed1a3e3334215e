// A webhook as Plivo sends it: signed, by POST or GET.
#pragma once

#include <string_view>

#include "libs/base/encoding.h"
#include "tools/provider-twin/plivo/call.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::plivo {

// `target.url` may have a fragment with callback settings.
Webhook MakeSignedWebhook(std::string_view kind, std::string_view call_uuid, const Target& target,
                          std::string_view auth_token, Form params);

}  // namespace trunkline::twin::plivo
