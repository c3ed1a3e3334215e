#include "libs/providers/twilio/account_settings.h"

#include <algorithm>
#include <optional>

#include "libs/base/text.h"

namespace trunkline::providers::twilio {
namespace {

constexpr std::string_view kDefaultApiUrl = "https://api.twilio.com";
constexpr size_t kSidDigits = 32;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Scheme and authority of a URL, as views into it.
struct Origin {
  std::string_view scheme;
  std::string_view host;
  std::string_view text;  // both, with port
};

std::optional<Origin> ReadOrigin(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  Origin origin;
  origin.scheme = url.substr(0, scheme_end);
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  origin.text = url.substr(0, scheme_end + 3 + authority.size());
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

bool IsHostLabel(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

// What HTTP Basic authentication and a form can carry without being changed.
bool IsToken(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
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
  void Add(std::string_view group, std::string_view name, std::string_view reason, std::string_view message) {
    found_.push_back({Concat(group, name), std::string(reason), Concat(name, " ", message)});
  }
  std::vector<AccountProblem> Found() && { return std::move(found_); }

 private:
  const Account& account_;
  std::vector<AccountProblem> found_;
};

}  // namespace

bool IsSid(std::string_view text, std::string_view prefix) {
  return text.size() == prefix.size() + kSidDigits && text.starts_with(prefix) &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(prefix.size()), text.end(), IsHex);
}

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  Problems problems(account);
  problems.RequireSetting(kAccountSid);
  problems.CheckSetting(kAccountSid, "must be AC and 32 hexadecimal digits",
                        [](std::string_view value) { return IsSid(value, "AC"); });
  problems.CheckSetting(kApiUrl, "must be an https URL; http is for the machine itself only",
                        [](std::string_view value) {
                          const std::optional<Origin> origin = ReadOrigin(value);
                          const bool bare = value.find_first_of("?#") == std::string_view::npos;
                          return origin.has_value() && bare &&
                                 (origin->scheme == "https" || (origin->scheme == "http" && IsLoopback(origin->host)));
                        });
  problems.CheckSetting(kRegion, "must be the short name of a region, like ie1", IsHostLabel);
  problems.CheckSetting(kEdge, "must be the name of an edge, like dublin", IsHostLabel);
  if (!account.Setting(kEdge).empty() && account.Setting(kRegion).empty()) {
    problems.Add("settings.", kRegion, "MISSING", "is required with edge");
  }
  problems.CheckSetting(kDefaultRegion, "must be a country's two letters, like US", [](std::string_view value) {
    return value.size() == 2 && std::all_of(value.begin(), value.end(), IsUpper);
  });

  problems.RequireCredential(kAuthToken);
  for (const std::string_view name : {kAuthToken, kAuthTokenSecondary, kApiKeySecret}) {
    problems.CheckCredential(name, "has characters that no such secret has", IsToken);
  }
  problems.CheckCredential(kApiKeySid, "must be SK and 32 hexadecimal digits",
                           [](std::string_view value) { return IsSid(value, "SK"); });
  const bool has_key = !account.Credential(kApiKeySid).empty();
  const bool has_secret = !account.Credential(kApiKeySecret).empty();
  if (has_key && !has_secret) problems.Add("credentials.", kApiKeySecret, "MISSING", "is required with api_key_sid");
  if (has_secret && !has_key) problems.Add("credentials.", kApiKeySid, "MISSING", "is required with api_key_secret");
  return std::move(problems).Found();
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

std::string ApiOriginOf(const Account& account) {
  const std::string url = ApiUrlOf(account);
  const std::optional<Origin> origin = ReadOrigin(url);
  return origin.has_value() ? std::string(origin->text) : url;
}

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
