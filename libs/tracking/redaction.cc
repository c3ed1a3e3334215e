#include "libs/tracking/redaction.h"

#include <algorithm>
#include <array>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::tracking {
namespace {

constexpr std::array<std::string_view, 12> kSecretParameters = {
    "api_key", "apikey",       "key",           "call_key", "k",        "auth_token",
    "token",   "access_token", "refresh_token", "secret",   "password", "secure_token"};

// Members of objects are data, not parameters: only what can be nothing else is a secret there.
bool IsSecretMember(std::string_view name) {
  return name != "key" && name != "k" && name != "token" && IsSecretParameter(name);
}

}  // namespace

bool IsSecretParameter(std::string_view name) {
  const std::string lower = Lower(name);
  return std::find(kSecretParameters.begin(), kSecretParameters.end(), lower) != kSecretParameters.end();
}

std::string WithoutSecretParameters(std::string_view url) {
  const size_t mark = url.find('?');
  if (mark == std::string_view::npos) return std::string(url);
  std::string kept(url.substr(0, mark));
  char separator = '?';
  for (const std::string_view pair : Split(url.substr(mark + 1), '&')) {
    kept.push_back(separator);
    separator = '&';
    const size_t equals = pair.find('=');
    const bool is_secret = equals != std::string_view::npos &&
                           IsSecretParameter(PercentDecode(pair.substr(0, equals), /*plus_is_space=*/true));
    kept += is_secret ? Concat(pair.substr(0, equals + 1), kCutOut) : std::string(pair);
  }
  return kept;
}

void Redact(nlohmann::json* value) {
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    if (text.find("://") != std::string::npos) *value = WebhookUrlToKeep(text);
    return;
  }
  if (value->is_array()) {
    for (nlohmann::json& element : *value) Redact(&element);
  } else if (value->is_object()) {
    for (auto& [name, member] : value->items()) {
      if (IsSecretMember(name) && member.is_string()) {
        member = kCutOut;
      } else {
        Redact(&member);
      }
    }
  }
}

}  // namespace trunkline::tracking
