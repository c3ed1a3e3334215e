// Calls as the REST API tells them (https://www.plivo.com/docs/voice/api/call).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "absl/time/time.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

// A call that is live or queued; nothing when the object is no such call.
std::optional<ProviderCall> ReadLiveCall(const nlohmann::json& object, const Account& account, absl::Time asked_at);

// A call detail record: of a call that has ended. Nothing when the object is none.
std::optional<ProviderCall> ReadCallRecord(const nlohmann::json& object, const Account& account, absl::Time asked_at);

}  // namespace trunkline::providers::plivo
