// The settings and credentials of an account (exotel.h), read and checked by their form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "libs/providers/call_client.h"

namespace trunkline::providers::exotel {

inline constexpr std::string_view kProviderName = "exotel";

// Settings.
inline constexpr std::string_view kAccountSid = "account_sid";
inline constexpr std::string_view kCluster = "cluster";
inline constexpr std::string_view kSubdomain = "subdomain";
inline constexpr std::string_view kApiUrl = "api_url";
inline constexpr std::string_view kCallerId = "caller_id";
inline constexpr std::string_view kCallerIdFormat = "caller_id_format";
inline constexpr std::string_view kAgentNumber = "agent_number";
inline constexpr std::string_view kAppId = "app_id";
inline constexpr std::string_view kFlowUrl = "flow_url";
inline constexpr std::string_view kBulkUpload = "bulk_upload";
inline constexpr std::string_view kUploadWaitSeconds = "upload_wait_seconds";
inline constexpr std::string_view kTimeZone = "time_zone";
inline constexpr std::string_view kCountryPrefix = "country_prefix";
inline constexpr std::string_view kCurrency = "currency";
inline constexpr std::string_view kWebhookAuthentication = "webhook_authentication";
inline constexpr std::string_view kReplayWindowHours = "replay_window_hours";
inline constexpr std::string_view kTenantId = "tenant_id";
inline constexpr std::string_view kRecordingHosts = "recording_hosts";
// Credentials.
inline constexpr std::string_view kApiKey = "api_key";
inline constexpr std::string_view kApiToken = "api_token";
inline constexpr std::string_view kWebhookToken = "webhook_token";
inline constexpr std::string_view kWebhookTokenSecondary = "webhook_token_secondary";
inline constexpr std::string_view kWebhookUsername = "webhook_username";
inline constexpr std::string_view kWebhookPassword = "webhook_password";

// What is wrong with an account, without asking anybody.
std::vector<AccountProblem> CheckAccountForm(const Account& account);

// Scheme, host and port of the API and a path before its own, without a slash at the end.
std::string ApiUrlOf(const Account& account);

// The flow that calls go to, as Exotel wants it named; empty when the account has none.
std::string FlowUrlOf(const Account& account);

// What webhooks of the account must bring.
bool WantsToken(const Account& account);
bool WantsBasic(const Account& account);

// How far the time of a webhook may be off; infinite when any will do.
absl::Duration ReplayWindowOf(const Account& account);
absl::Duration UploadWaitOf(const Account& account);
std::string CurrencyOf(const Account& account);

}  // namespace trunkline::providers::exotel
