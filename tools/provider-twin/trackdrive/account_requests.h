// TrackDrive's requests about single calls and about what is no call.
#pragma once

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::trackdrive {

// Below /calls/: an id or a UUID, and what follows it.
http::Response HandleCall(tracking::Account& account, tracking::Life& life, const tracking::Ask& ask);
http::Response HandleSubscriptions(tracking::Account& account, const tracking::Ask& ask);
http::Response HandleNumbers(tracking::Account& account, int64_t now_ms, const tracking::Ask& ask);
http::Response HandleOffers(const tracking::Account& account, const tracking::Ask& ask);

}  // namespace trunkline::twin::trackdrive
