// What must be taken out before a text of a platform is kept or passed on: keys in queries, secrets of recordings, and
// our own webhook tokens, which platforms repeat in what they tell of the webhooks that they sent.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace trunkline::tracking {

inline constexpr std::string_view kCutOut = "REDACTED";

// True for the names of query parameters whose values are secrets: api_key, key, call_key, k, auth_token ...
bool IsSecretParameter(std::string_view name);
// The URL with their values cut out.
std::string WithoutSecretParameters(std::string_view url);
// The same for every URL in the value, the tokens of our webhook URLs, and the values of members with such names.
void Redact(nlohmann::json* value);

}  // namespace trunkline::tracking
