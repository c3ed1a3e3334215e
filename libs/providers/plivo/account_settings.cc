#include "libs/providers/plivo/account_settings.h"

#include <algorithm>
#include <array>
#include <optional>

#include "libs/base/text.h"
#include "libs/providers/account_form.h"
#include "libs/providers/api_url.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::string_view kDefaultApiUrl = "https://api.plivo.com";
constexpr std::string_view kPlivoDomain = ".plivo.com";
constexpr size_t kAuthIdLength = 20;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

bool IsAuthId(std::string_view text, std::string_view prefix) {
  return text.size() == kAuthIdLength && text.starts_with(prefix) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsUpper(c) || IsDigit(c); });
}

bool IsListOfSchemes(std::string_view text) {
  constexpr std::array<std::string_view, 3> kSchemes = {"v1", "v2", "v3"};
  const auto names = Split(text, ',');
  return std::all_of(names.begin(), names.end(), [&](std::string_view name) {
    return std::find(kSchemes.begin(), kSchemes.end(), Trim(name)) != kSchemes.end();
  });
}

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  AccountForm form(account);
  form.RequireSetting(kAuthId);
  form.CheckSetting(kAuthId, "must be MA or SA and 18 capital letters and digits",
                    [](std::string_view value) { return IsAuthId(value, "MA") || IsAuthId(value, "SA"); });
  form.CheckSetting(kMainAuthId, "must be MA and 18 capital letters and digits",
                    [](std::string_view value) { return IsAuthId(value, "MA"); });
  form.CheckSetting(kApiUrl, "must be an https URL; http is for the machine itself only", IsApiUrl);
  form.CheckSetting(kDefaultRegion, "must be a country's two letters, like US", IsRegionText);
  form.CheckSetting(kCurrency, "must be USD or INR",
                    [](std::string_view value) { return value == "USD" || value == "INR"; });
  form.CheckSetting(kWebhookSignatures, "must be of v3, v2 and v1, joined by commas", IsListOfSchemes);
  form.RequireCredential(kAuthToken);
  for (const std::string_view name : {kAuthToken, kAuthTokenSecondary, kMainAuthToken}) {
    form.CheckCredential(name, "has characters that no such secret has", IsSecretText);
  }
  return std::move(form).Problems();
}

std::string ApiUrlOf(const Account& account) {
  std::string url = account.Setting(kApiUrl);
  if (url.empty()) url = kDefaultApiUrl;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string ApiOriginOf(const Account& account) { return OriginOf(ApiUrlOf(account)); }

std::string CurrencyOf(const Account& account) {
  const std::string currency = account.Setting(kCurrency);
  return currency.empty() ? std::string(kDefaultCurrency) : currency;
}

bool AcceptsSignatures(const Account& account, std::string_view scheme) {
  const std::string accepted = account.Setting(kWebhookSignatures);
  if (accepted.empty()) return scheme == "v3";
  const auto names = Split(accepted, ',');
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return Trim(name) == scheme; });
}

bool MayBeTrusted(const Account& account, std::string_view url) {
  const std::optional<UrlParts> parts = ReadUrl(url);
  if (!parts.has_value()) return false;
  if (parts->origin == ApiOriginOf(account)) return true;
  const std::string host = Lower(parts->host);
  return parts->scheme == "https" && host.size() > kPlivoDomain.size() && host.ends_with(kPlivoDomain);
}

}  // namespace trunkline::providers::plivo
