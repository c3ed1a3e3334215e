#include "libs/providers/exotel/account_settings.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "libs/providers/account_form.h"
#include "libs/providers/api_url.h"
#include "libs/providers/exotel/local_rules.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::exotel {
namespace {

// 22 characters of a 64-letter alphabet hold 132 bits.
constexpr size_t kShortestToken = 22;
constexpr size_t kLongestToken = 200;
constexpr int64_t kUsualReplayHours = 24;
constexpr int64_t kLongestReplayHours = 24 * 365;
constexpr int64_t kUsualUploadWait = 60;
constexpr int64_t kLongestUploadWait = 600;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWordCharacter(char c) { return IsDigit(c) || IsLetter(c) || c == '-' || c == '_'; }
bool AllOf(std::string_view text, bool (*predicate)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

bool IsHost(std::string_view text) {
  return text.size() <= 253 && text.find('.') != std::string_view::npos && !text.starts_with('.') &&
         !text.ends_with('.') && std::all_of(text.begin(), text.end(), [](char c) {
           return IsDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
         });
}

bool IsWebhookToken(std::string_view text) {
  return text.size() >= kShortestToken && text.size() <= kLongestToken && AllOf(text, IsWordCharacter);
}

bool IsWholeNumber(std::string_view text, int64_t smallest, int64_t largest) {
  const auto number = ParseInt(text);
  return number.has_value() && *number >= smallest && *number <= largest;
}

void CheckCalls(AccountForm& form) {
  form.CheckSetting(kCallerId, "must be an ExoPhone: digits, with or without +",
                    [](std::string_view value) { return IsPhoneText(value); });
  form.CheckSetting(kCallerIdFormat, "must be national or e164", [](std::string_view value) {
    return IsOneOf(value, {"national", "e164"});
  });
  form.CheckSetting(kAgentNumber, "must be a number with + and its country",
                    [](std::string_view value) { return telephony::IsE164(value); });
  form.CheckSetting(kAppId, "must be the number of a flow",
                    [](std::string_view value) { return AllOf(value, IsDigit); });
  form.CheckSetting(kFlowUrl, "must be the URL of a flow, as Exotel shows it", [](std::string_view value) {
    const auto url = ReadUrl(value);
    return url.has_value() && IsOneOf(url->scheme, {"http", "https"});
  });
  form.CheckSetting(kBulkUpload, "must be csv or inline", [](std::string_view value) {
    return IsOneOf(value, {"csv", "inline"});
  });
  form.CheckSetting(kUploadWaitSeconds, "must be from 1 to 600",
                    [](std::string_view value) { return IsWholeNumber(value, 1, kLongestUploadWait); });
  form.CheckSetting(kTimeZone, "must be an offset such as +05:30",
                    [](std::string_view value) { return ParseOffset(value).has_value(); });
  form.CheckSetting(kCountryPrefix, "must be one to three digits",
                    [](std::string_view value) { return value.size() <= 3 && AllOf(value, IsDigit); });
  form.CheckSetting(kCurrency, "must be a currency's three letters, such as INR", [](std::string_view value) {
    return value.size() == 3 && AllOf(value, [](char c) { return c >= 'A' && c <= 'Z'; });
  });
}

void CheckWebhooks(const Account& account, AccountForm& form) {
  form.CheckSetting(kWebhookAuthentication, "must be token, basic or token_and_basic", [](std::string_view value) {
    return IsOneOf(value, {"token", "basic", "token_and_basic"});
  });
  form.CheckSetting(kReplayWindowHours, "must be a number of hours",
                    [](std::string_view value) { return IsWholeNumber(value, 0, kLongestReplayHours); });
  form.CheckSetting(kTenantId, "must be a number", [](std::string_view value) { return AllOf(value, IsDigit); });
  form.CheckSetting(kRecordingHosts, "must be names of hosts, by comma", [](std::string_view value) {
    const auto hosts = Split(value, ',');
    return std::all_of(hosts.begin(), hosts.end(), [](std::string_view host) { return IsHost(Trim(host)); });
  });
  if (WantsToken(account)) form.RequireCredential(kWebhookToken);
  for (const std::string_view name : {kWebhookToken, kWebhookTokenSecondary}) {
    form.CheckCredential(name, "must be 22 to 200 letters, digits, - and _, at random", IsWebhookToken);
  }
  if (WantsBasic(account)) {
    form.RequireCredential(kWebhookUsername, "is required with webhook_authentication");
    form.RequireCredential(kWebhookPassword, "is required with webhook_authentication");
  }
  for (const std::string_view name : {kWebhookUsername, kWebhookPassword}) {
    form.CheckCredential(name, "has characters that HTTP Basic cannot carry", IsSecretText);
  }
}

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  AccountForm form(account);
  form.RequireSetting(kAccountSid);
  form.CheckSetting(kAccountSid, "must be letters, digits, - and _",
                    [](std::string_view value) { return value.size() <= 64 && AllOf(value, IsWordCharacter); });
  form.CheckSetting(kCluster, "must be singapore or mumbai", [](std::string_view value) {
    return IsOneOf(value, {"singapore", "mumbai"});
  });
  form.CheckSetting(kSubdomain, "must be a host of Exotel, such as api.in.exotel.com",
                    [](std::string_view value) { return IsHost(value) && value.ends_with(".exotel.com"); });
  form.CheckSetting(kApiUrl, "must be an https URL; http is for the machine itself only", IsApiUrl);
  CheckCalls(form);
  for (const std::string_view name : {kApiKey, kApiToken}) {
    form.RequireCredential(name);
    form.CheckCredential(name, "has characters that no such secret has", IsSecretText);
  }
  CheckWebhooks(account, form);
  return std::move(form).Problems();
}

std::string ApiUrlOf(const Account& account) {
  std::string url = account.Setting(kApiUrl);
  if (url.empty()) {
    const std::string host = account.Setting(kSubdomain);
    const bool mumbai = account.Setting(kCluster) == "mumbai";
    url = Concat("https://", !host.empty() ? host : mumbai ? "api.in.exotel.com" : "api.exotel.com");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string FlowUrlOf(const Account& account) {
  std::string url = account.Setting(kFlowUrl);
  const std::string app = account.Setting(kAppId);
  if (!url.empty() || app.empty()) return url;
  // Plain http: it names the flow, and nobody fetches it.
  const bool mumbai = account.Setting(kCluster) == "mumbai";
  return Concat("http://", mumbai ? "my.in.exotel.com" : "my.exotel.com", "/", account.Setting(kAccountSid),
                "/exoml/start_voice/", app);
}

bool WantsToken(const Account& account) { return account.Setting(kWebhookAuthentication) != "basic"; }

bool WantsBasic(const Account& account) {
  const std::string mode = account.Setting(kWebhookAuthentication);
  return mode == "basic" || mode == "token_and_basic";
}

absl::Duration ReplayWindowOf(const Account& account) {
  const int64_t hours = ParseInt(account.Setting(kReplayWindowHours)).value_or(kUsualReplayHours);
  return hours <= 0 ? absl::InfiniteDuration() : absl::Hours(std::min(hours, kLongestReplayHours));
}

absl::Duration UploadWaitOf(const Account& account) {
  const int64_t seconds = ParseInt(account.Setting(kUploadWaitSeconds)).value_or(kUsualUploadWait);
  return absl::Seconds(std::clamp<int64_t>(seconds, 1, kLongestUploadWait));
}

std::string CurrencyOf(const Account& account) {
  std::string currency = account.Setting(kCurrency);
  return currency.empty() ? "INR" : currency;
}

}  // namespace trunkline::providers::exotel
