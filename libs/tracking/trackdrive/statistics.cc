#include "libs/tracking/trackdrive/statistics.h"

#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::trackdrive {
namespace {

using nlohmann::json;
using Groups = std::map<std::string, std::string>;

bool Add(std::string group, const json& value, Groups* groups) {
  const std::string text = TextOf(value);
  // Nothing is a sum of nothing.
  if (!IsPlaceholder(text) && !ParseAmount(text).has_value()) return false;
  if (value.is_structured()) return false;
  (*groups)[std::move(group)] = IsPlaceholder(text) ? "0" : text;
  return true;
}

std::optional<Groups> OfObject(const json& object) {
  Groups groups;
  for (const auto& [group, value] : object.items()) {
    if (!Add(group, value, &groups)) return std::nullopt;
  }
  return groups;
}

std::optional<Groups> OfArray(const json& array, std::string_view statistic) {
  Groups groups;
  for (const json& row : array) {
    std::string group;
    for (const std::string_view name : {"group", "key", "name"}) {
      if (group.empty()) group = MemberText(row, name);
    }
    const json* value = FindMember(row, "value");
    if (value == nullptr) value = FindMember(row, statistic);
    if (value == nullptr || !Add(std::move(group), *value, &groups)) return std::nullopt;
  }
  return groups;
}

}  // namespace

std::optional<Groups> ReadStatistics(const json& body, std::string_view statistic) {
  const json* rows = &body;
  for (const std::string_view root : {"stats", "data", "results"}) {
    if (const json* member = FindMember(body, root); member != nullptr) {
      rows = member;
      break;
    }
  }
  if (rows->is_array()) return OfArray(*rows, statistic);
  // The envelope itself is no statistic.
  return rows->is_object() && !rows->contains("errors") ? OfObject(*rows) : std::nullopt;
}

}  // namespace trunkline::tracking::trackdrive
