#include "libs/providers/sip/account_settings.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"
#include "libs/providers/account_form.h"
#include "libs/providers/api_url.h"
#include "libs/providers/sip/ami/rules.h"

namespace trunkline::providers::sip {
namespace {

constexpr uint16_t kPlainPort = 5038;
constexpr uint16_t kTlsPort = 5039;
constexpr std::string_view kSomeNumber = "14155550123";

bool IsHost(std::string_view text) {
  return !text.empty() && text.size() <= 253 && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == ':';
         });
}

bool IsPort(std::string_view text) {
  const auto port = ParseInt(text);
  return port.has_value() && *port >= 1 && *port <= 65535;
}

bool IsBool(std::string_view text) { return text == "true" || text == "false"; }

// URLs go into events: without a user name, and without anything that a file's name could not follow.
bool IsUrlBase(std::string_view text) {
  const size_t scheme = text.find("://");
  const std::string_view name = text.substr(0, scheme);
  return scheme != std::string_view::npos && (name == "https" || name == "http" || name == "file") &&
         text.find_first_of("?#@") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool ArePatterns(std::string_view text) {
  for (const std::string_view pattern : Split(text, ',')) {
    if (pattern.empty() || pattern.size() > 20) return false;
    if (!std::all_of(pattern.begin(), pattern.end(), [](char c) { return IsDigit(c) || c == 'X'; })) return false;
  }
  return true;
}

bool IsDialTemplate(std::string_view text) { return ami::IsDialString(FillIn(text, kSomeNumber)); }
bool IsExtenTemplate(std::string_view text) { return ami::IsExtension(FillIn(text, kSomeNumber)); }

struct FormRule {
  std::string_view setting;
  bool (*holds)(std::string_view);
  std::string_view message;
};

constexpr std::array<FormRule, 25> kRules = {{
    {"mode", [](std::string_view v) { return v == "ami" || v == "http" || v == "both"; }, "must be ami, http or both"},
    {"ami_host", IsHost, "must be a host name or an address"},
    {"ami_port", IsPort, "must be a port"},
    {"ami_tls", IsBool, "must be true or false"},
    {"ami_plain", IsBool, "must be true or false"},
    {"ami_tls_verify", IsBool, "must be true or false"},
    {"ami_ca_file", [](std::string_view v) { return v.starts_with('/'); }, "must be the full path of a file"},
    {"dial_string", IsDialTemplate, "must be like PJSIP/{number}@trunk"},
    {"dial_context", ami::IsContext, "must be the name of a context"},
    {"dial_exten", IsExtenTemplate, "must be an extension or {number}"},
    {"dial_priority", ami::IsPriority, "must be a priority"},
    {"number_format", [](std::string_view v) { return v == "digits" || v == "e164"; }, "must be digits or e164"},
    {"transfer_context", ami::IsContext, "must be the name of a context"},
    {"answer_context", ami::IsContext, "must be the name of a context"},
    {"answer_exten", ami::IsExtension, "must be an extension"},
    {"hold_mode", [](std::string_view v) { return v == "redirect" || v == "park"; }, "must be redirect or park"},
    {"hold_context", ami::IsContext, "must be the name of a context"},
    {"hold_exten", ami::IsExtension, "must be an extension"},
    {"hold_wait_exten", ami::IsExtension, "must be an extension"},
    {"parking_lot", ami::IsContext, "must be the name of a parking lot"},
    {"conference_context", ami::IsContext, "must be the name of a context"},
    {"recording_url", IsUrlBase, "must be a URL without user and query"},
    {"extensions", ArePatterns, "must be patterns like 2XX, with commas between them"},
    {"pbx_id", ami::IsContext, "must be letters, digits, - and _"},
    {"default_region", IsRegionText, "must be a country's two letters, like US"},
}};

void CheckManager(const Account& account, AccountForm* form) {
  form->RequireSetting("ami_host");
  form->RequireSetting("dial_string");
  form->RequireSetting("dial_context");
  form->RequireCredential("ami_username");
  form->RequireCredential("ami_secret");
  const std::string host = account.Setting("ami_host");
  const bool tls = account.Setting("ami_tls") == "true";
  if (host.empty() || IsLoopbackHost(host)) return;
  if (!tls && account.Setting("ami_plain") != "true") {
    form->AddSetting("ami_tls", "INSECURE", "must be true for another host, unless ami_plain says otherwise");
  }
  if (account.Setting("ami_tls_verify") == "false") {
    form->AddSetting("ami_tls_verify", "INSECURE", "may be false for the machine itself only");
  }
}

void CheckWebhooks(const Account& account, AccountForm* form) {
  const bool user = !account.Credential("digest_username").empty();
  const bool password = !account.Credential("digest_password").empty();
  if (user && !password) {
    form->AddCredential("digest_password", "MISSING", "is required with digest_username");
  }
  if (password && !user) {
    form->AddCredential("digest_username", "MISSING", "is required with digest_password");
  }
  const bool any =
      user || !account.Credential("webhook_secret").empty() || !account.Credential("webhook_token").empty();
  if (UsesWebhooks(account) && !any) {
    form->AddCredential("webhook_secret", "MISSING", "or another way to know webhooks is required");
  }
}

}  // namespace

std::vector<AccountProblem> CheckAccountForm(const Account& account) {
  AccountForm form(account);
  for (const FormRule& rule : kRules) form.CheckSetting(rule.setting, rule.message, rule.holds);
  for (const std::string_view name :
       {"ami_username", "ami_secret", "webhook_secret", "webhook_token", "digest_username", "digest_password"}) {
    form.CheckCredential(name, "has characters that no such secret has", ami::IsPlainText);
  }
  if (account.Credential("digest_username").find_first_of(":\"\\") != std::string::npos) {
    form.AddCredential("digest_username", "MALFORMED", "must have no colon, quote or backslash");
  }
  if (UsesManager(account)) CheckManager(account, &form);
  CheckWebhooks(account, &form);
  return std::move(form).Problems();
}

bool UsesManager(const Account& account) { return account.Setting("mode") != "http"; }
bool UsesWebhooks(const Account& account) {
  return account.Setting("mode") == "http" || account.Setting("mode") == "both";
}

ami::Endpoint EndpointOf(const Account& account) {
  ami::Endpoint endpoint;
  endpoint.host = account.Setting("ami_host");
  endpoint.tls = account.Setting("ami_tls") == "true";
  endpoint.verify = account.Setting("ami_tls_verify") != "false" || !IsLoopbackHost(endpoint.host);
  endpoint.ca_file = account.Setting("ami_ca_file");
  const auto port = ParseInt(account.Setting("ami_port"));
  endpoint.port = endpoint.tls ? kTlsPort : kPlainPort;
  if (port.has_value() && *port > 0 && *port <= 65535) endpoint.port = static_cast<uint16_t>(*port);
  return endpoint;
}

ami::Login LoginOf(const Account& account, std::string_view events) {
  return {account.Credential("ami_username"), account.Credential("ami_secret"), std::string(events)};
}

std::string SettingOr(const Account& account, std::string_view name, std::string_view otherwise) {
  std::string value = account.Setting(name);
  return value.empty() ? std::string(otherwise) : value;
}

std::string NumberToDial(const Account& account, std::string_view e164) {
  if (account.Setting("number_format") != "e164" && e164.starts_with('+')) e164.remove_prefix(1);
  return std::string(e164);
}

std::string FillIn(std::string_view pattern, std::string_view number) {
  const size_t at = pattern.find(kNumberPlaceholder);
  if (at == std::string_view::npos) return std::string(pattern);
  return Concat(pattern.substr(0, at), number, pattern.substr(at + kNumberPlaceholder.size()));
}

std::string RecordingUrlOf(const Account& account) {
  std::string url = account.Setting("recording_url");
  if (!url.empty() && !url.ends_with('/')) url += '/';
  return url;
}

bool IsOwnExtension(std::string_view patterns, std::string_view text) {
  if (text.empty()) return false;
  for (const std::string_view pattern : Split(patterns, ',')) {
    const bool matches = std::equal(pattern.begin(), pattern.end(), text.begin(), text.end(),
                                    [](char wanted, char c) { return wanted == c || (wanted == 'X' && IsDigit(c)); });
    if (matches) return true;
  }
  return false;
}

bool RingsAgentFirst(const Account& account) {
  return account.Setting("dial_exten").find(kNumberPlaceholder) != std::string::npos;
}

}  // namespace trunkline::providers::sip
