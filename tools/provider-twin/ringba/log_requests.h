// Ringba's requests that read calls: the call log, details by the batch, insights.
#pragma once

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::ringba {

// `partial`: half of the records, and partialResult.
http::Response ListCalls(tracking::Account& account, const nlohmann::json& body, bool partial,
                         tracking::PageRead* page);
http::Response ShowDetails(const tracking::Account& account, const nlohmann::json& body);
http::Response ListColumns();
http::Response Insights(const tracking::Account& account, const nlohmann::json& body);

}  // namespace trunkline::twin::ringba
