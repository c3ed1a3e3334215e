// Reads the request that places calls.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "tools/provider-twin/plivo/account.h"
#include "tools/provider-twin/plivo/call.h"

namespace trunkline::twin::plivo {

// The calls, in the order of `to`; else what is wrong.
std::variant<std::vector<CallPtr>, std::string> ReadCreateCalls(const nlohmann::json& body, const Account& account);

// A text or number of the object, as text.
std::string JsonText(const nlohmann::json& object, const char* name);
// The URL and the method of a callback.
Target TargetIn(const nlohmann::json& object, const char* url, const char* method);

}  // namespace trunkline::twin::plivo
