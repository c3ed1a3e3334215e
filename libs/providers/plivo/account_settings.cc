#include "libs/providers/plivo/account_settings.h"

#include <algorithm>
#include <array>
#include <optional>

#include "libs/base/text.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::string_view kDefaultApiUrl = "https://api.plivo.com";
constexpr std::string_view kPlivoDomain = ".plivo.com";
constexpr size_t kAuthIdLength = 20;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// Scheme and authority of a URL, as views into it.
struct Origin {
  std::string_view scheme;
  std::string_view host;
  std::string_view text;  // both, with port
};

std::optional<Origin> ReadOrigin(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#\\"));
  Origin origin{
      .scheme = url.substr(0, scheme_end), .host = {}, .text = url.substr(0, scheme_end + 3 + authority.size())};
  if (authority.starts_with('[')) {
    const size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    origin.host = authority.substr(0, bracket + 1);
  } else {
    origin.host = authority.substr(0, authority.find(':'));
  }
  const std::string_view port = authority.substr(origin.host.size());
  const bool port_is_number =
      port.empty() || (port.size() > 1 && port[0] == ':' && std::all_of(port.begin() + 1, port.end(), IsDigit));
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  // A user name belongs in the credentials, where no log shows it.
  if (origin.host.empty() || !port_is_number || !plain || authority.find('@') != std::string_view::npos) {
    return std::nullopt;
  }
  return origin;
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const auto numbers = Split(host, '.');
  return numbers.size() == 4 && numbers[0] == "127" && std::all_of(numbers.begin(), numbers.end(), [](auto number) {
           return !number.empty() && number.size() <= 3 && std::all_of(number.begin(), number.end(), IsDigit);
         });
}

bool IsApiUrl(std::string_view url) {
  const std::optional<Origin> origin = ReadOrigin(url);
  const bool bare = url.find_first_of("?#") == std::string_view::npos;
  return origin.has_value() && bare &&
         (origin->scheme == "https" || (origin->scheme == "http" && IsLoopback(origin->host)));
}

bool IsAuthId(std::string_view text, std::string_view prefix) {
  return text.size() == kAuthIdLength && text.starts_with(prefix) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsUpper(c) || IsDigit(c); });
}

// What HTTP Basic authentication can carry without being changed.
bool IsToken(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

bool IsListOfSchemes(std::string_view text) {
  constexpr std::array<std::string_view, 3> kSchemes = {"v1", "v2", "v3"};
  const auto names = Split(text, ',');
  return std::all_of(names.begin(), names.end(), [&](std::string_view name) {
    return std::find(kSchemes.begin(), kSchemes.end(), Trim(name)) != kSchemes.end();
  });
}

class Problems {
 public:
  explicit Problems(const Account& account) : account_(account) {}

  void RequireSetting(std::string_view name) {
    if (account_.Setting(name).empty()) Add("settings.", name, "MISSING", "is required");
  }
  void RequireCredential(std::string_view name) {
    if (account_.Credential(name).empty()) Add("credentials.", name, "MISSING", "is required");
  }
  // `is_right` of a value that is given.
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
  std::vector<AccountProblem> Found() && { return std::move(found_); }

 private:
  void Add(std::string_view group, std::string_view name, std::string_view reason, std::string_view message) {
    found_.push_back({Concat(group, name), std::string(reason), Concat(name, " ", message)});
  }

  const Account& account_;
  std::vector<AccountProblem> found_;
};

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  Problems problems(account);
  problems.RequireSetting(kAuthId);
  problems.CheckSetting(kAuthId, "must be MA or SA and 18 capital letters and digits",
                        [](std::string_view value) { return IsAuthId(value, "MA") || IsAuthId(value, "SA"); });
  problems.CheckSetting(kMainAuthId, "must be MA and 18 capital letters and digits",
                        [](std::string_view value) { return IsAuthId(value, "MA"); });
  problems.CheckSetting(kApiUrl, "must be an https URL; http is for the machine itself only", IsApiUrl);
  problems.CheckSetting(kDefaultRegion, "must be a country's two letters, like US", [](std::string_view value) {
    return value.size() == 2 && std::all_of(value.begin(), value.end(), IsUpper);
  });
  problems.CheckSetting(kCurrency, "must be USD or INR",
                        [](std::string_view value) { return value == "USD" || value == "INR"; });
  problems.CheckSetting(kWebhookSignatures, "must be of v3, v2 and v1, joined by commas", IsListOfSchemes);
  problems.RequireCredential(kAuthToken);
  for (const std::string_view name : {kAuthToken, kAuthTokenSecondary, kMainAuthToken}) {
    problems.CheckCredential(name, "has characters that no such secret has", IsToken);
  }
  return std::move(problems).Found();
}

std::string ApiUrlOf(const Account& account) {
  std::string url = account.Setting(kApiUrl);
  if (url.empty()) url = kDefaultApiUrl;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string ApiOriginOf(const Account& account) {
  const std::string url = ApiUrlOf(account);
  const std::optional<Origin> origin = ReadOrigin(url);
  return origin.has_value() ? std::string(origin->text) : url;
}

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
  const std::optional<Origin> origin = ReadOrigin(url);
  if (!origin.has_value()) return false;
  if (origin->text == ApiOriginOf(account)) return true;
  const std::string host = Lower(origin->host);
  return origin->scheme == "https" && host.size() > kPlivoDomain.size() && host.ends_with(kPlivoDomain);
}

}  // namespace trunkline::providers::plivo
