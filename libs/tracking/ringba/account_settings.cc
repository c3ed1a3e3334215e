#include "libs/tracking/ringba/account_settings.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::tracking::ringba {
namespace {

// Ids are case-sensitive in their prefix.
bool IsIdOf(std::string_view prefix, std::string_view text) {
  return text.size() > prefix.size() && text.size() <= 64 && text.starts_with(prefix) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

bool AreCampaigns(std::string_view text) {
  const auto pieces = Split(text, ',');
  return std::all_of(pieces.begin(), pieces.end(), [](std::string_view piece) { return IsIdOf("CA", Trim(piece)); });
}

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  providers::AccountForm form(account);
  form.RequireSetting(kAccountId);
  form.CheckSetting(kAccountId, "must begin with RA", [](std::string_view text) { return IsIdOf("RA", text); });
  form.CheckSetting(kCredentialType, "must be api_key or oauth",
                    [](std::string_view word) { return word == "api_key" || word == "oauth"; });
  if (LogsIn(account)) {
    form.RequireCredential(kUsername);
    form.RequireCredential(kPassword);
  } else {
    form.RequireCredential(kApiToken, "is required, or credential_type oauth with username and password");
    form.CheckCredential(kApiToken, "must be printable", providers::IsSecretText);
  }
  form.CheckSetting(kWebhookRegistration, "must be manual or event_callbacks",
                    [](std::string_view word) { return word == "manual" || word == "event_callbacks"; });
  if (RegistersEventCallbacks(account)) {
    form.RequireSetting(kWebhookCampaigns, "is required by webhook_registration event_callbacks");
  }
  form.CheckSetting(kWebhookCampaigns, "must be ids of campaigns (CA...), separated by commas", AreCampaigns);
  form.CheckSetting(kChargeIfNeeded, "must be true or false",
                    [](std::string_view word) { return word == "true" || word == "false"; });
  CheckSharedSettings(account, &form);
  return std::move(form).Problems();
}

std::string ApiUrlOf(const Account& account) {
  std::string own = account.Setting(kApiUrl);
  while (own.ends_with('/')) own.pop_back();
  return own.empty() ? "https://api.ringba.com/v2" : own;
}

bool LogsIn(const Account& account) { return account.Setting(kCredentialType) == "oauth"; }

bool RegistersEventCallbacks(const Account& account) {
  return account.Setting(kWebhookRegistration) == "event_callbacks";
}

std::vector<std::string> PiecesOf(const Account& account, std::string_view setting) {
  std::vector<std::string> pieces;
  const std::string value = account.Setting(setting);
  for (const std::string_view piece : Split(value, ',')) {
    if (!Trim(piece).empty()) pieces.emplace_back(Trim(piece));
  }
  return pieces;
}

}  // namespace trunkline::tracking::ringba
