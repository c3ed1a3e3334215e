#include "tools/provider-twin/control_json.h"

#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin {

http::Response Answer(int status, const Json& json) { return http::JsonResponse(status, WriteJson(json)); }
http::Response Wrong(std::string_view message) { return http::ErrorResponse(400, "BAD_REQUEST", message); }

std::string Time(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()); }
Json TimeOrNull(const std::optional<absl::Time>& time) { return time ? Json(Time(*time)) : Json(nullptr); }

Json RenderForm(const Form& form) {
  Json json = Json::object();
  for (const auto& [name, value] : form) {
    Json& slot = json[ToStorableText(name)];
    if (slot.is_null()) {
      slot = ToStorableText(value);
    } else {
      if (!slot.is_array()) slot = Json::array({slot});
      slot.push_back(ToStorableText(value));
    }
  }
  return json;
}

Window ReadWindow(const Form& query) {
  Window window;
  const std::string_view since = FindInForm(query, "since").value_or("");
  std::string error;
  if (const auto seconds = ParseDouble(since)) {
    window.since = absl::UnixEpoch() + absl::Seconds(*seconds);
  } else if (!since.empty()) {
    absl::ParseTime(absl::RFC3339_full, ToAbsl(since), &window.since, &error);
  }
  const auto limit = ParseInt(FindInForm(query, "limit").value_or(""));
  if (limit && *limit >= 0) window.limit = static_cast<size_t>(*limit);
  return window;
}

bool Wanted(const Form& query, std::string_view name, std::string_view value) {
  const auto wanted = FindInForm(query, name);
  return !wanted || *wanted == value;
}

Json LastOf(std::vector<Json> entries, size_t limit) {
  if (entries.size() > limit) entries.erase(entries.begin(), entries.end() - static_cast<ptrdiff_t>(limit));
  Json list = Json::array();
  for (Json& entry : entries) list.push_back(std::move(entry));
  return list;
}

std::string Text(const Json& json, const char* name, std::string_view fallback) {
  const auto member = json.find(name);
  return member != json.end() && member->is_string() ? member->get<std::string>() : std::string(fallback);
}

std::optional<Json> ReadObject(std::string_view body) {
  Json json = ParseOrderedJson(body);
  if (!json.is_object()) return std::nullopt;
  return json;
}

}  // namespace trunkline::twin
