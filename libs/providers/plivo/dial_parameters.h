// The parameters that ask Plivo for calls (https://www.plivo.com/docs/voice/api/call/make-a-call).
#pragma once

#include <nlohmann/json.hpp>

#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

// The most numbers of one request.
inline constexpr size_t kLargestBulk = 1000;

nlohmann::json DialParameters(const ProviderOptions& options, const Account& account, const DialRequest& request);
nlohmann::json BulkDialParameters(const ProviderOptions& options, const Account& account,
                                  const BulkDialRequest& request);

}  // namespace trunkline::providers::plivo
