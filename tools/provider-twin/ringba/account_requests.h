// Ringba's requests about an account and its things: numbers, campaigns, pixels, changes of calls.
#pragma once

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::ringba {

// `path` is what follows /{accountId}.
http::Response HandleNumbers(tracking::Account& account, int64_t now_ms, const tracking::Ask& ask,
                             std::string_view path);
http::Response HandleCampaigns(tracking::Account& account, const tracking::Ask& ask, std::string_view path);
http::Response HandleEventCallbacks(tracking::Account& account, const tracking::Ask& ask, std::string_view path);
// payments, payments/override, void, annotate.
http::Response ChangeCall(tracking::Account& account, tracking::Life& life, const tracking::Ask& ask,
                          std::string_view path);

}  // namespace trunkline::twin::ringba
