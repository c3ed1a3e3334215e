#include "libs/providers/exotel/parameters.h"

#include <algorithm>
#include <array>
#include <string>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/local_rules.h"
#include "libs/providers/exotel/multipart.h"

namespace trunkline::providers::exotel {
namespace {

constexpr int kDeepest = 6;
constexpr size_t kMostValues = 500;
constexpr std::array<std::string_view, 7> kOwn = {"account",       "call",         "bulk",          "step",
                                                  kTokenParameter, kZoneParameter, kPrefixParameter};

void Flatten(const nlohmann::json& value, const std::string& name, int depth, Form* form) {
  if (depth > kDeepest || form->size() >= kMostValues) return;
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      Flatten(member, name.empty() ? key : Concat(name, "[", key, "]"), depth + 1, form);
    }
  } else if (value.is_array()) {
    size_t index = 0;
    for (const nlohmann::json& element : value) Flatten(element, Concat(name, "[", index++, "]"), depth + 1, form);
  } else if (value.is_string()) {
    form->emplace_back(name, value.get<std::string>());
  } else if (!value.is_null()) {
    form->emplace_back(name, WriteJson(value));
  }
}

std::optional<Form> ParametersOfJson(std::string_view text, const std::string& name) {
  const auto json = ParseJson(text);
  if (!json.is_object()) return std::nullopt;
  Form form;
  Flatten(json, name, 0, &form);
  return form;
}

// A streaming applet's account may come as JSON in one parameter.
void ExpandStream(Form* form) {
  const auto stream = FindInForm(*form, "Stream");
  if (!stream.has_value() || !stream->starts_with('{')) return;
  const auto members = ParametersOfJson(*stream, "Stream");
  if (members.has_value()) form->insert(form->end(), members->begin(), members->end());
}

}  // namespace

std::string_view QueryTextOf(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const size_t question = url.find('?');
  return question == std::string_view::npos ? std::string_view() : url.substr(question + 1);
}

std::optional<Form> ReadParameters(std::string_view method, std::string_view url, std::string_view content_type,
                                   std::string_view body) {
  std::optional<Form> form;
  if (method == "GET") {
    form = ParseForm(QueryTextOf(url));
    std::erase_if(*form,
                  [](const auto& pair) { return std::find(kOwn.begin(), kOwn.end(), pair.first) != kOwn.end(); });
  } else if (IsMultipart(content_type)) {
    form = ParseMultipart(content_type, body);
  } else if (EqualsIgnoreCase(Trim(Split(content_type, ';')[0]), "application/json")) {
    form = ParametersOfJson(body, "");
  } else {
    form = ParseForm(body);
  }
  if (!form.has_value()) return std::nullopt;
  ExpandStream(&*form);
  std::erase_if(*form, [](const auto& pair) { return pair.second.empty() || pair.second == "null"; });
  return form;
}

}  // namespace trunkline::providers::exotel
