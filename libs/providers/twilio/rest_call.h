// A call as the REST API shows it (https://www.twilio.com/docs/voice/api/call-resource).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "absl/time/time.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::twilio {

// The call and the event that its state amounts to; nothing when the object is no call. `asked_at` stands in for times
// that Twilio does not tell.
std::optional<ProviderCall> ReadCall(const nlohmann::json& object, const Account& account, absl::Time asked_at);

}  // namespace trunkline::providers::twilio
