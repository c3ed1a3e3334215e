#include "libs/tracking/trackdrive/account_settings.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::tracking::trackdrive {
namespace {

// One label of a host name.
bool IsSubdomain(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'; });
}

bool IsId(std::string_view text) { return text.size() <= 18 && AreDigits(text); }

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  providers::AccountForm form(account);
  for (const std::string_view key : {kPublicKey, kPrivateKey}) {
    form.RequireCredential(key);
    form.CheckCredential(key, "must be printable, without a colon", providers::IsSecretText);
  }
  form.CheckSetting(kCredentialType, "must be basic", [](std::string_view word) { return word == "basic"; });
  if (account.Setting(kApiUrl).empty()) form.RequireSetting(kSubdomain, "is required without api_url");
  form.CheckSetting(kSubdomain, "must be letters, digits and hyphens, in lower case", IsSubdomain);
  form.CheckSetting(kRealtime, "must be true or false",
                    [](std::string_view word) { return word == "true" || word == "false"; });
  form.CheckSetting(kUpdateMethod, "must be PUT or POST",
                    [](std::string_view word) { return word == "PUT" || word == "POST"; });
  form.CheckSetting(kProviderConfiguration, "must be a whole number", IsId);
  CheckSharedSettings(account, &form);
  return std::move(form).Problems();
}

std::string ApiUrlOf(const Account& account) {
  std::string own = account.Setting(kApiUrl);
  while (own.ends_with('/')) own.pop_back();
  return own.empty() ? Concat("https://", account.Setting(kSubdomain), ".trackdrive.com/api/v1") : own;
}

bool WantsLiveEvents(const Account& account) { return account.Setting(kRealtime) == "true"; }

}  // namespace trunkline::tracking::trackdrive
