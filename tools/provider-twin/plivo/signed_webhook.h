// A webhook as Plivo sends it: signed, by POST or GET.
#pragma once

#include <string_view>

#include "libs/base/encoding.h"
#include "tools/provider-twin/connection_overrides.h"
#include "tools/provider-twin/plivo/call.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::plivo {

// How Plivo connects where the fragment of a URL says nothing else.
inline constexpr ConnectionRules kConnectionRules = {.usual = {.retries = 1,
                                                               .on_connect_failure = true,
                                                               .on_no_answer = true,
                                                               .connect_timeout = absl::Seconds(2),
                                                               .read_timeout = absl::Seconds(40),
                                                               .total_timeout = absl::Seconds(55)},
                                                     .longest_read = absl::Seconds(40),
                                                     .longest_total = absl::Seconds(55)};

// `target.url` may have a fragment with callback settings.
Webhook MakeSignedWebhook(std::string_view kind, std::string_view call_uuid, const Target& target,
                          std::string_view auth_token, Form params);

}  // namespace trunkline::twin::plivo
