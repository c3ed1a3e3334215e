#include "libs/tracking/retreaver/account_settings.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "libs/providers/api_url.h"

namespace trunkline::tracking::retreaver {
namespace {

bool IsWhole(std::string_view text) { return text.size() <= 18 && AreDigits(text); }

bool IsVersion(std::string_view text) { return text.size() == 1 && text[0] >= '1' && text[0] <= '4'; }

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// A template: its tokens are replaced before it is a URL.
bool IsPostbackTemplate(std::string_view text) {
  std::string plain(text);
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return c == '{' || c == '}'; }, 'x');
  return providers::IsApiUrl(plain.substr(0, plain.find('?')));
}

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  providers::AccountForm form(account);
  form.RequireCredential(kApiKey);
  form.CheckCredential(kApiKey, "must be printable", providers::IsSecretText);
  form.CheckSetting(kCredentialType, "must be api_key", [](std::string_view word) { return word == "api_key"; });
  form.RequireSetting(kCompanyId);
  form.CheckSetting(kCompanyId, "must be a whole number", IsWhole);
  form.CheckSetting(kApiVersion, "must be 1 to 4", IsVersion);
  form.CheckSetting(kDataWritingUrl, "must be an https URL without query", providers::IsApiUrl);
  form.CheckSetting(kWebhookRegistration, "must be manual or timers",
                    [](std::string_view word) { return word == "manual" || word == "timers"; });
  if (RegistersTimers(account)) form.RequireSetting(kWebhookCampaign, "is required by webhook_registration timers");
  form.CheckSetting(kConversionUrl,
                    "must be an https URL; {key}, {call_uuid}, {revenue}, {payout} and {converted} in it are replaced",
                    IsPostbackTemplate);
  CheckSharedSettings(account, &form);
  return std::move(form).Problems();
}

std::string ApiUrlOf(const Account& account) {
  std::string own = account.Setting(kApiUrl);
  return own.empty() ? "https://api.retreaver.com" : WithoutSlash(std::move(own));
}

std::string DataWritingUrlOf(const Account& account) {
  std::string own = account.Setting(kDataWritingUrl);
  return own.empty() ? "https://retreaverdata.com/data_writing" : WithoutSlash(std::move(own));
}

std::string ApiVersionOf(const Account& account) {
  std::string own = account.Setting(kApiVersion);
  return IsVersion(own) ? own : "2";
}

bool RegistersTimers(const Account& account) { return account.Setting(kWebhookRegistration) == "timers"; }

}  // namespace trunkline::tracking::retreaver
