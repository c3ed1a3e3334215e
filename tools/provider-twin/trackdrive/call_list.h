// TrackDrive's list of calls: newest first, by a cursor or by pages.
#pragma once

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::trackdrive {

http::Response ListCalls(tracking::Account& account, const tracking::Ask& ask, tracking::PageRead* page);
// GET /calls/stats: one statistic by one group.
http::Response Statistics(const tracking::Account& account, const tracking::Ask& ask);

}  // namespace trunkline::twin::trackdrive
