// Which name was probably meant.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace trunkline {

// The candidate that differs from `name` in the fewest characters, whether in upper or lower case; nothing without
// candidates.
std::optional<std::string_view> NearestName(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace trunkline
