// What the providers' parts of the control API have in common: JSON in and out, and lists that are filtered and cut.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/http/message.h"

namespace trunkline::twin {

using Json = nlohmann::ordered_json;

http::Response Answer(int status, const Json& json);
// 400.
http::Response Wrong(std::string_view message);

// "2026-03-03T09:15:00.000Z"
std::string Time(absl::Time time);
Json TimeOrNull(const std::optional<absl::Time>& time);
// A repeated parameter becomes a list.
Json RenderForm(const Form& form);

// What the lists have in common: ?since=2026-03-03T09:15:00Z or unix seconds, and ?limit=.
struct Window {
  absl::Time since = absl::InfinitePast();
  size_t limit = 1000;
};
Window ReadWindow(const Form& query);

// False when the query asks for another value of this name.
bool Wanted(const Form& query, std::string_view name, std::string_view value);
// The newest `limit` entries, oldest first.
Json LastOf(std::vector<Json> entries, size_t limit);

// The object's member when it is a text.
std::string Text(const Json& json, const char* name, std::string_view fallback = "");
// Nothing when the body is no JSON object.
std::optional<Json> ReadObject(std::string_view body);

}  // namespace trunkline::twin
