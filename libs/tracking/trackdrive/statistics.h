// The answer of TrackDrive's statistics, whose shape is not documented. Pure.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::tracking::trackdrive {

// Value by group, as text: of an object {group: number}, or an array of objects with a group, key or name, and a value
// or the statistic's own name; bare, or under stats, data or results. Nothing for any other shape.
std::optional<std::map<std::string, std::string>> ReadStatistics(const nlohmann::json& body,
                                                                 std::string_view statistic);

}  // namespace trunkline::tracking::trackdrive
