#include "libs/providers/twilio/account_settings.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/account_form.h"
#include "libs/providers/api_url.h"

namespace trunkline::providers::twilio {
namespace {

constexpr std::string_view kDefaultApiUrl = "https://api.twilio.com";
constexpr size_t kSidDigits = 32;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool IsHostLabel(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

}  // namespace

bool IsSid(std::string_view text, std::string_view prefix) {
  return text.size() == prefix.size() + kSidDigits && text.starts_with(prefix) &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(prefix.size()), text.end(), IsHex);
}

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  AccountForm form(account);
  form.RequireSetting(kAccountSid);
  form.CheckSetting(kAccountSid, "must be AC and 32 hexadecimal digits",
                    [](std::string_view value) { return IsSid(value, "AC"); });
  form.CheckSetting(kApiUrl, "must be an https URL; http is for the machine itself only", IsApiUrl);
  form.CheckSetting(kRegion, "must be the short name of a region, like ie1", IsHostLabel);
  form.CheckSetting(kEdge, "must be the name of an edge, like dublin", IsHostLabel);
  if (!account.Setting(kEdge).empty() && account.Setting(kRegion).empty()) {
    form.AddSetting(kRegion, "MISSING", "is required with edge");
  }
  form.CheckSetting(kDefaultRegion, "must be a country's two letters, like US", IsRegionText);

  form.RequireCredential(kAuthToken);
  for (const std::string_view name : {kAuthToken, kAuthTokenSecondary, kApiKeySecret}) {
    form.CheckCredential(name, "has characters that no such secret has", IsSecretText);
  }
  form.CheckCredential(kApiKeySid, "must be SK and 32 hexadecimal digits",
                       [](std::string_view value) { return IsSid(value, "SK"); });
  const bool has_key = !account.Credential(kApiKeySid).empty();
  const bool has_secret = !account.Credential(kApiKeySecret).empty();
  if (has_key && !has_secret) form.AddCredential(kApiKeySecret, "MISSING", "is required with api_key_sid");
  if (has_secret && !has_key) form.AddCredential(kApiKeySid, "MISSING", "is required with api_key_secret");
  return std::move(form).Problems();
}

std::string ApiUrlOf(const Account& account) {
  std::string url = account.Setting(kApiUrl);
  if (url.empty()) {
    const std::string region = account.Setting(kRegion);
    const std::string edge = account.Setting(kEdge);
    if (region.empty()) return std::string(kDefaultApiUrl);
    url = Concat("https://api.", edge, edge.empty() ? "" : ".", region, ".twilio.com");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string ApiOriginOf(const Account& account) { return OriginOf(ApiUrlOf(account)); }

ApiCredentials ApiCredentialsOf(const Account& account) {
  const std::string key = account.Credential(kApiKeySid);
  const std::string secret = account.Credential(kApiKeySecret);
  if (!key.empty() && !secret.empty()) return {key, secret};
  return TokenCredentialsOf(account);
}

ApiCredentials TokenCredentialsOf(const Account& account) {
  return {account.Setting(kAccountSid), account.Credential(kAuthToken)};
}

}  // namespace trunkline::providers::twilio
