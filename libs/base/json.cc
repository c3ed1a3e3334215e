#include "libs/base/json.h"

namespace trunkline {
namespace {

// Counts brackets outside of strings, whether or not the text is JSON.
bool IsShallow(std::string_view text, int deepest) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

template <typename Json>
Json Parse(std::string_view text, int deepest) {
  if (!IsShallow(text, deepest)) return Json(nlohmann::json::value_t::discarded);
  return Json::parse(text.data(), text.data() + text.size(), nullptr, /*allow_exceptions=*/false);
}

template <typename Json>
std::string Write(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

nlohmann::json ParseJson(std::string_view text, int deepest) { return Parse<nlohmann::json>(text, deepest); }
nlohmann::ordered_json ParseOrderedJson(std::string_view text) {
  return Parse<nlohmann::ordered_json>(text, kDeepestJson);
}

std::string WriteJson(const nlohmann::json& value) { return Write(value); }
std::string WriteJson(const nlohmann::ordered_json& value) { return Write(value); }

}  // namespace trunkline
