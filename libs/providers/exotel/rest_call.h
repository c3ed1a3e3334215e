// A call as the API shows it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "absl/time/time.h"
#include "libs/providers/call_client.h"

namespace trunkline::providers::exotel {

// The call and the event that its state amounts to; nothing when the object is no call. `asked_at` stands in for times
// that Exotel does not tell. "in-progress" means that the call is being dialled: that it was answered is told by the
// details of its legs alone.
std::optional<ProviderCall> ReadCall(const nlohmann::json& object, const Account& account, absl::Time asked_at);

}  // namespace trunkline::providers::exotel
