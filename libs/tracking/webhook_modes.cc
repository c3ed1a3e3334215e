#include "libs/tracking/webhook_modes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/source_addresses.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::tracking {
namespace {

using providers::Account;
using providers::WebhookRequest;

constexpr std::array<std::pair<std::string_view, WebhookMode>, 6> kModes = {{
    {"url_token", WebhookMode::kUrlToken},
    {"hmac_sha256", WebhookMode::kHmacSha256},
    {"static_header", WebhookMode::kStaticHeader},
    {"basic_auth", WebhookMode::kBasicAuth},
    {"ip_allow_list", WebhookMode::kIpAllowList},
    {"verify_by_fetch", WebhookMode::kVerifyByFetch},
}};
constexpr std::string_view kDefaultModes = "url_token, verify_by_fetch";
constexpr std::string_view kDefaultSignatureHeaders = "X-Signature, Signature";
constexpr std::string_view kDefaultKeyHeader = "X-Webhook-Key";
constexpr std::string_view kSha256Prefix = "sha256=";
constexpr size_t kShortestSecret = 16;
constexpr absl::Duration kOldestSignature = absl::Seconds(300);

absl::Status Refused(const char* reason) { return absl::UnauthenticatedError(reason); }

bool IsToken(std::string_view text) {
  return text.size() >= kShortestToken && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
         });
}

bool IsLongSecret(std::string_view text) { return text.size() >= kShortestSecret; }

bool ProvesTheSender(WebhookMode mode) {
  return mode != WebhookMode::kIpAllowList && mode != WebhookMode::kVerifyByFetch;
}

std::string SettingOr(const Account& account, std::string_view name, std::string_view otherwise) {
  std::string value = account.Setting(name);
  return value.empty() ? std::string(otherwise) : value;
}

absl::Status CheckUrlToken(const WebhookRequest& request, const Account& account) {
  const std::string token = ReadWebhookUrl(request.url).token;
  if (token.empty()) return Refused("TOKEN_MISSING");
  bool holds = false;
  for (const std::string_view name : {kWebhookToken, kWebhookTokenSecondary}) {
    const std::string secret = account.Credential(name);
    // Both are compared, so that the time does not tell which one held.
    holds = (IsToken(secret) && EqualsInConstantTime(Sha256(secret), Sha256(token))) || holds;
  }
  return holds ? absl::OkStatus() : Refused("TOKEN_MISMATCH");
}

std::string WithoutSignaturePair(std::string_view query) {
  std::string rest;
  for (const std::string_view pair : Split(query, '&')) {
    if (pair.starts_with("signature=")) continue;
    rest += Concat(rest.empty() ? "" : "&", pair);
  }
  return rest;
}

// What was signed: the body; the query of a request that has none.
std::string SignedMessage(const WebhookRequest& request) {
  const bool in_query = request.method == "GET" || request.method == "HEAD" || request.body.empty();
  return in_query ? WithoutSignaturePair(QueryOf(request.url)) : request.body;
}

bool IsSignature(std::string_view value, std::string_view digest) {
  if (value.starts_with(kSha256Prefix)) value.remove_prefix(kSha256Prefix.size());
  const std::optional<std::string> from_hex = HexDecode(value);
  const std::optional<std::string> bytes = from_hex.has_value() ? from_hex : Base64Decode(value);
  return bytes.has_value() && EqualsInConstantTime(*bytes, digest);
}

absl::Status CheckHmac(const WebhookRequest& request, const Account& account) {
  const std::string_view signature = SignatureOf(request, account);
  const std::string secret = account.Credential(kWebhookHmacSecret);
  if (signature.empty() || !IsLongSecret(secret)) return Refused("SIGNATURE_MISSING");
  std::string message = SignedMessage(request);
  const std::string timestamp_header = account.Setting("webhook_timestamp_header");
  if (!timestamp_header.empty()) {
    const std::string_view timestamp = Trim(request.Header(Lower(timestamp_header)));
    const std::optional<int64_t> seconds = ParseInt(timestamp);
    if (!seconds.has_value()) return Refused("SIGNATURE_MISSING");
    const absl::Duration age = request.received_at - absl::FromUnixSeconds(*seconds);
    if (absl::AbsDuration(age) > kOldestSignature) return Refused("SIGNATURE_EXPIRED");
    message = Concat(timestamp, ".", message);
  }
  return IsSignature(signature, HmacSha256(secret, message)) ? absl::OkStatus() : Refused("SIGNATURE_MISMATCH");
}

absl::Status CheckKey(const WebhookRequest& request, const Account& account) {
  const std::string secret = account.Credential(kWebhookKey);
  const std::string_view key = request.Header(Lower(SettingOr(account, "webhook_key_header", kDefaultKeyHeader)));
  const bool holds = IsLongSecret(secret) && EqualsInConstantTime(Sha256(secret), Sha256(key));
  return holds ? absl::OkStatus() : Refused("KEY_MISMATCH");
}

absl::Status CheckBasic(const WebhookRequest& request, const Account& account) {
  constexpr std::string_view kBasic = "basic ";
  const std::string_view header = Trim(request.Header("authorization"));
  if (Lower(header.substr(0, kBasic.size())) != kBasic) return Refused("BASIC_AUTH_MISSING");
  const std::optional<std::string> sent = Base64Decode(Trim(header.substr(kBasic.size())));
  const std::string username = account.Credential(kWebhookUsername);
  const std::string password = account.Credential(kWebhookPassword);
  if (!sent.has_value() || username.empty() || password.empty()) return Refused("BASIC_AUTH_MISMATCH");
  const bool holds = EqualsInConstantTime(Sha256(*sent), Sha256(Concat(username, ":", password)));
  return holds ? absl::OkStatus() : Refused("BASIC_AUTH_MISMATCH");
}

absl::Status CheckAddress(const WebhookRequest& request, const Account& account) {
  const std::string setting = account.Setting(providers::kWebhookSourceAddresses);
  const auto addresses = providers::SourceAddresses::Parse(setting);
  const bool holds = !Trim(setting).empty() && addresses.ok() && addresses->Allow(request.remote_address);
  return holds ? absl::OkStatus() : Refused("SOURCE_ADDRESS_NOT_ALLOWED");
}

absl::Status Check(WebhookMode mode, const WebhookRequest& request, const Account& account) {
  switch (mode) {
    case WebhookMode::kUrlToken:
      return CheckUrlToken(request, account);
    case WebhookMode::kHmacSha256:
      return CheckHmac(request, account);
    case WebhookMode::kStaticHeader:
      return CheckKey(request, account);
    case WebhookMode::kBasicAuth:
      return CheckBasic(request, account);
    case WebhookMode::kIpAllowList:
      return CheckAddress(request, account);
    case WebhookMode::kVerifyByFetch:
      return absl::OkStatus();
  }
  return Refused("NO_WEBHOOK_MODE");
}

}  // namespace

std::string_view SignatureOf(const WebhookRequest& request, const Account& account) {
  const std::string names = SettingOr(account, "webhook_signature_headers", kDefaultSignatureHeaders);
  for (const std::string_view name : Split(names, ',')) {
    const std::string_view signature = Trim(request.Header(Lower(Trim(name))));
    if (!signature.empty()) return signature;
  }
  return {};
}

absl::StatusOr<std::set<WebhookMode>> WebhookModesOf(const Account& account) {
  std::set<WebhookMode> modes;
  const std::string words = SettingOr(account, kWebhookModes, kDefaultModes);
  for (const std::string_view piece : Split(words, ',')) {
    const std::string_view word = Trim(piece);
    const auto* found =
        std::find_if(kModes.begin(), kModes.end(), [&](const auto& mode) { return mode.first == word; });
    if (found == kModes.end()) {
      return absl::InvalidArgumentError(ToAbsl(Concat("there is no webhook mode \"", ToStorableText(word), "\"")));
    }
    modes.insert(found->second);
  }
  return modes;
}

void CheckWebhookModes(const Account& account, providers::AccountForm* form) {
  const absl::StatusOr<std::set<WebhookMode>> modes = WebhookModesOf(account);
  if (!modes.ok()) {
    return form->AddSetting(kWebhookModes, "MALFORMED",
                            "must be of url_token, hmac_sha256, static_header, basic_auth, ip_allow_list, "
                            "verify_by_fetch, separated by commas");
  }
  if (std::none_of(modes->begin(), modes->end(), ProvesTheSender)) {
    form->AddSetting(kWebhookModes, "UNSAFE",
                     "must name at least one of url_token, hmac_sha256, static_header and basic_auth");
  }
  const auto need = [&](WebhookMode mode, std::string_view name, std::string_view message, auto is_right) {
    if (!modes->contains(mode)) return;
    form->RequireCredential(name, "is required by webhook_modes");
    form->CheckCredential(name, message, is_right);
  };
  constexpr std::string_view kTokenRule = "must have at least 43 characters of letters, digits, - and _";
  constexpr std::string_view kSecretRule = "must have at least 16 characters";
  need(WebhookMode::kUrlToken, kWebhookToken, kTokenRule, IsToken);
  form->CheckCredential(kWebhookTokenSecondary, kTokenRule, IsToken);
  need(WebhookMode::kHmacSha256, kWebhookHmacSecret, kSecretRule, IsLongSecret);
  need(WebhookMode::kStaticHeader, kWebhookKey, kSecretRule, IsLongSecret);
  need(WebhookMode::kBasicAuth, kWebhookUsername, "must be printable, without a colon", providers::IsSecretText);
  need(WebhookMode::kBasicAuth, kWebhookPassword, kSecretRule, IsLongSecret);
  if (modes->contains(WebhookMode::kIpAllowList)) {
    form->RequireSetting(providers::kWebhookSourceAddresses, "is required by webhook_modes");
  }
}

absl::Status VerifyWebhook(const WebhookRequest& request, const Account& account) {
  const absl::StatusOr<std::set<WebhookMode>> modes = WebhookModesOf(account);
  if (!modes.ok() || std::none_of(modes->begin(), modes->end(), ProvesTheSender)) return Refused("NO_WEBHOOK_MODE");
  for (const WebhookMode mode : *modes) TL_RETURN_IF_ERROR(Check(mode, request, account));
  return absl::OkStatus();
}

}  // namespace trunkline::tracking
