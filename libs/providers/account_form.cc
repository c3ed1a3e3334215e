#include "libs/providers/account_form.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::providers {

void AccountForm::RequireSetting(std::string_view name, std::string_view message) {
  if (account_.Setting(name).empty()) AddSetting(name, "MISSING", message);
}

void AccountForm::RequireCredential(std::string_view name, std::string_view message) {
  if (account_.Credential(name).empty()) AddCredential(name, "MISSING", message);
}

void AccountForm::CheckSetting(std::string_view name, std::string_view message, const Rule& is_right) {
  const std::string value = account_.Setting(name);
  if (!value.empty() && !is_right(value)) AddSetting(name, "MALFORMED", message);
}

void AccountForm::CheckCredential(std::string_view name, std::string_view message, const Rule& is_right) {
  const std::string value = account_.Credential(name);
  if (!value.empty() && !is_right(value)) AddCredential(name, "MALFORMED", message);
}

void AccountForm::AddSetting(std::string_view name, std::string_view reason, std::string_view message) {
  problems_.push_back({Concat("settings.", name), std::string(reason), Concat(name, " ", message)});
}

void AccountForm::AddCredential(std::string_view name, std::string_view reason, std::string_view message) {
  problems_.push_back({Concat("credentials.", name), std::string(reason), Concat(name, " ", message)});
}

bool IsSecretText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

bool IsRegionText(std::string_view text) {
  return text.size() == 2 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace trunkline::providers
