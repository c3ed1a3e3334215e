// How an account's webhooks are known to be genuine. No platform signs what it sends, so that each account chooses:
//
//   url_token        a secret as the last piece of the path
//   hmac_sha256      a signature in a header, for relays that can sign
//   static_header    a fixed header
//   basic_auth       HTTP Basic
//   ip_allow_list    the addresses of webhook_source_addresses
//   verify_by_fetch  nothing is believed but that the call changed; the record is read by its id
//
// All that are chosen must hold. At least one of the first four must be among them: addresses are shared with the
// platform's other customers, and a reading of the record does not keep strangers from making us ask for it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/providers/account_form.h"
#include "libs/providers/webhook_receiver.h"

namespace trunkline::tracking {

enum class WebhookMode { kUrlToken, kHmacSha256, kStaticHeader, kBasicAuth, kIpAllowList, kVerifyByFetch };

inline constexpr std::string_view kWebhookModes = "webhook_modes";
inline constexpr std::string_view kWebhookToken = "webhook_token";
inline constexpr std::string_view kWebhookTokenSecondary = "webhook_token_secondary";
inline constexpr std::string_view kWebhookHmacSecret = "webhook_hmac_secret";
inline constexpr std::string_view kWebhookKey = "webhook_key";
inline constexpr std::string_view kWebhookUsername = "webhook_username";
inline constexpr std::string_view kWebhookPassword = "webhook_password";

// INVALID_ARGUMENT names the word that is no mode.
absl::StatusOr<std::set<WebhookMode>> WebhookModesOf(const providers::Account& account);

// MISSING and MALFORMED for what the chosen modes need, and UNSAFE where none of the first four is chosen.
void CheckWebhookModes(const providers::Account& account, providers::AccountForm* form);

// OK when every chosen mode holds. UNAUTHENTICATED otherwise, with a reason in UPPER_SNAKE: NO_WEBHOOK_MODE (the
// account cannot receive), TOKEN_MISSING, TOKEN_MISMATCH, SIGNATURE_MISSING, SIGNATURE_MISMATCH, SIGNATURE_EXPIRED,
// KEY_MISMATCH, BASIC_AUTH_MISSING, BASIC_AUTH_MISMATCH, SOURCE_ADDRESS_NOT_ALLOWED. Secrets are compared in constant
// time.
absl::Status VerifyWebhook(const providers::WebhookRequest& request, const providers::Account& account);

// The signature of hmac_sha256 that the webhook carries, whether it holds or not; empty when there is none.
std::string_view SignatureOf(const providers::WebhookRequest& request, const providers::Account& account);

}  // namespace trunkline::tracking
