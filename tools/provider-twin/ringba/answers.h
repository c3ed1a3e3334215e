// Ringba's answers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/request_windows.h"

namespace trunkline::twin::ringba {

// With a transactionId.
http::Response Success(nlohmann::ordered_json body);
http::Response Error(int status, std::string_view message, int code = 0);
// "x is not found"
http::Response NotFound(std::string_view what);
http::Response TooMany(const tracking::RequestWindows::Exceeded& exceeded, int status);

// A text member; empty without one.
std::string Member(const nlohmann::json& object, const char* name);

}  // namespace trunkline::twin::ringba
