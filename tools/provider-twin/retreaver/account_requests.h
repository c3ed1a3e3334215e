// Retreaver's requests about what is no call: numbers, campaigns with their timers, companies, reports, tags.
#pragma once

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::retreaver {

http::Response Error(int status, std::string_view text);

http::Response HandleNumbers(tracking::Account& account, int64_t now_ms, const tracking::Ask& ask,
                             std::string_view base_url);
http::Response HandleCampaigns(tracking::Account& account, const tracking::Ask& ask, std::string_view base_url);
http::Response Report(const tracking::Account& account, const tracking::Ask& ask);
// POST /data_writing, or GET /data_writing/{key}.
http::Response WriteTags(tracking::Account& account, tracking::Life& life, const tracking::Ask& ask);
// GET /conversions?key=&call_uuid=&revenue=&payout=&converted=: what a portal would have generated.
http::Response PostConversion(tracking::Account& account, tracking::Life& life, const tracking::Ask& ask);

}  // namespace trunkline::twin::retreaver
