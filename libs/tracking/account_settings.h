// What every account at a call-tracking platform can have, whatever its platform. The account itself is that of a
// provider (libs/providers/account.h): settings, and credentials in clear.
//
// Settings
//   credential_type            "api_key", "basic" or "oauth": which credentials below count; each platform has a
//   default api_url                    base of the API instead of the platform's own. http only to the machine itself.
//   currency                   three letters, "USD" unless set: amounts come without one
//   requests_per_second, requests_per_minute, requests_per_hour, requests_per_day
//                              limits on the requests of one kind, instead of the platform's defaults
//   sync_interval_seconds      how often to synchronize, instead of the platform's default
//   sync_batch_size            calls to a page, likewise
//   sync_rescans               how far back is read again and how often (rescan_setting.h)
//   apply_mode, apply_from     what becomes of its calls while it is cut over (apply_mode.h)
//   webhook_modes              how webhooks are known to be genuine, by comma; "url_token, verify_by_fetch" unless set
//   webhook_signature_headers  "X-Signature, Signature" unless set
//   webhook_timestamp_header   with it, the signature covers "<its value>.<body>" and may be 300 s old
//   webhook_key_header         "X-Webhook-Key" unless set: the header of static_header
//   webhook_source_addresses   where webhooks may come from, with ip_allow_list
//
// Credentials for webhooks
//   webhook_token, webhook_token_secondary   the secret in the path: at least 43 characters of letters, digits, - and _
//   webhook_hmac_secret                      at least 16 characters
//   webhook_key                              the value of the fixed header, at least 16 characters
//   webhook_username, webhook_password       HTTP Basic
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "libs/providers/account_form.h"

namespace trunkline::tracking {

using providers::Account;
using providers::AccountProblem;

enum class CredentialType { kApiKey, kBasic, kOauth };
// Nothing for another word.
std::optional<CredentialType> ReadCredentialType(std::string_view word);

inline constexpr std::string_view kCredentialType = "credential_type";
inline constexpr std::string_view kApiUrl = "api_url";
inline constexpr std::string_view kCurrency = "currency";

// Each limits the requests of one resource; 0: no limit.
struct RequestLimits {
  int per_second = 0;
  int burst = 1;  // how many at once
  int per_minute = 0;
  int per_hour = 0;
  int per_day = 0;
  int in_flight = 1;

  bool operator==(const RequestLimits&) const = default;
};
// The account's own where it sets them.
RequestLimits LimitsOf(const Account& account, RequestLimits defaults);

struct SyncSettings {
  absl::Duration interval = absl::Seconds(300);
  int batch_size = 100;
  int largest_batch = 100;                      // that a backfill may ask for
  absl::Duration money_grace = absl::Hours(1);  // so long after a call its money may change without being remarked

  bool operator==(const SyncSettings&) const = default;
};
SyncSettings SyncSettingsOf(const Account& account, SyncSettings defaults);

std::string CurrencyOf(const Account& account);

// Checks the settings of this page; those of the platform are its own.
void CheckSharedSettings(const Account& account, providers::AccountForm* form);

// The text with every credential of the account cut out, for errors that quote what a platform said.
std::string WithoutCredentials(std::string_view text, const Account& account);

}  // namespace trunkline::tracking
