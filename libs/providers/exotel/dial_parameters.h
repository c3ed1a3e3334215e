// The parameters that place a call.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/base/encoding.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::exotel {

// With an agent's number the agent is dialled first and connected to `to`; else `to` is dialled and connected to the
// flow. FAILED_PRECONDITION when the account has neither, or what it has does not fit: the message says what is
// missing.
absl::StatusOr<Form> DialParameters(const ProviderOptions& options, const Account& account, const DialRequest& request);

// The ExoPhone to show, as the account writes ExoPhones for Exotel; empty when there is none.
std::string CallerIdFor(const Account& account, const std::string& from);

}  // namespace trunkline::providers::exotel
