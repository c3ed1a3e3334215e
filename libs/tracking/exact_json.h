// JSON whose numbers keep their digits: a number that is no 64-bit whole number is read as the text that it was written
// as, so that money and cursors never pass through floating point. Bounded, for bytes from outside.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::tracking {

struct JsonLimits {
  size_t depth = 32;
  size_t members = 2'000'000;  // of all objects and arrays together
};

// Nothing for what is no JSON or beyond the limits. Text that is no UTF-8 is mended first; of a name that comes twice
// the last value counts.
std::optional<nlohmann::json> ParseExactJson(std::string_view text, JsonLimits limits = {});

// The member, null when the value is no object or has none of that name.
const nlohmann::json* FindMember(const nlohmann::json& object, std::string_view name);

// A text, a whole number or a boolean as text; empty for anything else.
std::string TextOf(const nlohmann::json& value);
// The same of a member; empty when there is none.
std::string MemberText(const nlohmann::json& object, std::string_view name);

}  // namespace trunkline::tracking
