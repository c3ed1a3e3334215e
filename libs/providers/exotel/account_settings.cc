#include "libs/providers/exotel/account_settings.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
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

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWordCharacter(char c) { return IsDigit(c) || IsLetter(c) || c == '-' || c == '_'; }
bool AllOf(std::string_view text, bool (*predicate)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

// What HTTP Basic authentication carries without being changed.
bool IsSecret(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
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

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool IsWholeNumber(std::string_view text, int64_t smallest, int64_t largest) {
  const auto number = ParseInt(text);
  return number.has_value() && *number >= smallest && *number <= largest;
}

bool IsApiUrl(std::string_view text) {
  const auto url = ReadUrl(text);
  if (!url.has_value() || text.find_first_of("?#") != std::string_view::npos) return false;
  return url->scheme == "https" || (url->scheme == "http" && IsLoopbackHost(url->host));
}

class Problems {
 public:
  explicit Problems(const Account& account) : account_(account) {}

  template <typename Predicate>
  void CheckSetting(std::string_view name, std::string_view message, Predicate is_right) {
    const std::string value = account_.Setting(name);
    if (!value.empty() && !is_right(value)) Add("settings.", name, "MALFORMED", message);
  }
  template <typename Predicate>
  void CheckCredential(std::string_view name, std::string_view message, Predicate is_right) {
    const std::string value = account_.Credential(name);
    if (!value.empty() && !is_right(value)) Add("credentials.", name, "MALFORMED", message);
  }
  void RequireSetting(std::string_view name, std::string_view message = "is required") {
    if (account_.Setting(name).empty()) Add("settings.", name, "MISSING", message);
  }
  void RequireCredential(std::string_view name, std::string_view message = "is required") {
    if (account_.Credential(name).empty()) Add("credentials.", name, "MISSING", message);
  }
  void Add(std::string_view group, std::string_view name, std::string_view reason, std::string_view message) {
    found_.push_back({Concat(group, name), std::string(reason), Concat(name, " ", message)});
  }
  std::vector<AccountProblem> Found() && { return std::move(found_); }

 private:
  const Account& account_;
  std::vector<AccountProblem> found_;
};

void CheckCalls(Problems& problems) {
  problems.CheckSetting(kCallerId, "must be an ExoPhone: digits, with or without +",
                        [](std::string_view value) { return IsPhoneText(value); });
  problems.CheckSetting(kCallerIdFormat, "must be national or e164", [](std::string_view value) {
    return IsOneOf(value, {"national", "e164"});
  });
  problems.CheckSetting(kAgentNumber, "must be a number with + and its country",
                        [](std::string_view value) { return telephony::IsE164(value); });
  problems.CheckSetting(kAppId, "must be the number of a flow",
                        [](std::string_view value) { return AllOf(value, IsDigit); });
  problems.CheckSetting(kFlowUrl, "must be the URL of a flow, as Exotel shows it", [](std::string_view value) {
    const auto url = ReadUrl(value);
    return url.has_value() && IsOneOf(url->scheme, {"http", "https"});
  });
  problems.CheckSetting(kBulkUpload, "must be csv or inline", [](std::string_view value) {
    return IsOneOf(value, {"csv", "inline"});
  });
  problems.CheckSetting(kUploadWaitSeconds, "must be from 1 to 600",
                        [](std::string_view value) { return IsWholeNumber(value, 1, kLongestUploadWait); });
  problems.CheckSetting(kTimeZone, "must be an offset such as +05:30",
                        [](std::string_view value) { return ParseOffset(value).has_value(); });
  problems.CheckSetting(kCountryPrefix, "must be one to three digits",
                        [](std::string_view value) { return value.size() <= 3 && AllOf(value, IsDigit); });
  problems.CheckSetting(kCurrency, "must be a currency's three letters, such as INR", [](std::string_view value) {
    return value.size() == 3 && AllOf(value, [](char c) { return c >= 'A' && c <= 'Z'; });
  });
}

void CheckWebhooks(const Account& account, Problems& problems) {
  problems.CheckSetting(kWebhookAuthentication, "must be token, basic or token_and_basic", [](std::string_view value) {
    return IsOneOf(value, {"token", "basic", "token_and_basic"});
  });
  problems.CheckSetting(kReplayWindowHours, "must be a number of hours",
                        [](std::string_view value) { return IsWholeNumber(value, 0, kLongestReplayHours); });
  problems.CheckSetting(kTenantId, "must be a number", [](std::string_view value) { return AllOf(value, IsDigit); });
  problems.CheckSetting(kRecordingHosts, "must be names of hosts, by comma", [](std::string_view value) {
    const auto hosts = Split(value, ',');
    return std::all_of(hosts.begin(), hosts.end(), [](std::string_view host) { return IsHost(Trim(host)); });
  });
  if (WantsToken(account)) problems.RequireCredential(kWebhookToken);
  for (const std::string_view name : {kWebhookToken, kWebhookTokenSecondary}) {
    problems.CheckCredential(name, "must be 22 to 200 letters, digits, - and _, at random", IsWebhookToken);
  }
  if (WantsBasic(account)) {
    problems.RequireCredential(kWebhookUsername, "is required with webhook_authentication");
    problems.RequireCredential(kWebhookPassword, "is required with webhook_authentication");
  }
  for (const std::string_view name : {kWebhookUsername, kWebhookPassword}) {
    problems.CheckCredential(name, "has characters that HTTP Basic cannot carry", IsSecret);
  }
}

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  Problems problems(account);
  problems.RequireSetting(kAccountSid);
  problems.CheckSetting(kAccountSid, "must be letters, digits, - and _",
                        [](std::string_view value) { return value.size() <= 64 && AllOf(value, IsWordCharacter); });
  problems.CheckSetting(kCluster, "must be singapore or mumbai", [](std::string_view value) {
    return IsOneOf(value, {"singapore", "mumbai"});
  });
  problems.CheckSetting(kSubdomain, "must be a host of Exotel, such as api.in.exotel.com",
                        [](std::string_view value) { return IsHost(value) && value.ends_with(".exotel.com"); });
  problems.CheckSetting(kApiUrl, "must be an https URL; http is for the machine itself only", IsApiUrl);
  CheckCalls(problems);
  for (const std::string_view name : {kApiKey, kApiToken}) {
    problems.RequireCredential(name);
    problems.CheckCredential(name, "has characters that no such secret has", IsSecret);
  }
  CheckWebhooks(account, problems);
  return std::move(problems).Found();
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

std::optional<UrlParts> ReadUrl(std::string_view url) {
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
  const size_t scheme_end = url.find("://");
  if (!plain || scheme_end == std::string_view::npos) return std::nullopt;
  UrlParts parts;
  parts.scheme = url.substr(0, scheme_end);
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  parts.origin = url.substr(0, scheme_end + 3 + authority.size());
  parts.path = rest.substr(authority.size());
  const size_t host_end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
  parts.host = authority.starts_with('[') && host_end != std::string_view::npos ? authority.substr(0, host_end + 1)
                                                                                : authority.substr(0, host_end);
  const std::string_view port = authority.substr(parts.host.size());
  const bool port_is_right = port.empty() || (port.front() == ':' && AllOf(port.substr(1), IsDigit));
  // A user name belongs in the credentials, where no log shows it.
  if (parts.host.empty() || !port_is_right || authority.find('@') != std::string_view::npos) return std::nullopt;
  return parts;
}

bool IsLoopbackHost(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const auto numbers = Split(host, '.');
  return numbers.size() == 4 && numbers[0] == "127" &&
         std::all_of(numbers.begin(), numbers.end(),
                     [](std::string_view number) { return number.size() <= 3 && AllOf(number, IsDigit); });
}

}  // namespace trunkline::providers::exotel
