// Errors as HTTP tells them: {"error":{"code","status","reason","message","details"}} with the status code that
// google.rpc.Code names for the gRPC code.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/http/message.h"

namespace trunkline::gateway {

int HttpStatusOf(absl::StatusCode code);

// "ring_timeout" is "ringTimeout" in JSON, also within a path: "plan.verbs[0].ring_timeout".
std::string JsonPathOf(std::string_view field);

// With Retry-After where the error says when to ask again, and WWW-Authenticate where a key is missing.
http::Response ErrorResponseOf(const absl::Status& status);

}  // namespace trunkline::gateway
