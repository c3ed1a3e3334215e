#include "libs/tracking/account_settings.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "libs/base/text.h"
#include "libs/providers/api_url.h"
#include "libs/providers/source_addresses.h"
#include "libs/tracking/apply_mode.h"
#include "libs/tracking/rescan_setting.h"
#include "libs/tracking/webhook_modes.h"

namespace trunkline::tracking {
namespace {

constexpr int64_t kLargestLimit = 10'000'000;
constexpr int64_t kShortestInterval = 10;
constexpr int64_t kLongestInterval = 86'400;
constexpr int64_t kLargestBatch = 1000;
constexpr size_t kShortestSecretToCut = 4;
constexpr std::array<std::string_view, 4> kLimitNames = {"requests_per_second", "requests_per_minute",
                                                         "requests_per_hour", "requests_per_day"};

std::optional<int64_t> WholeBetween(std::string_view text, int64_t least, int64_t most) {
  const std::optional<int64_t> number = ParseInt(text);
  return number.has_value() && *number >= least && *number <= most ? number : std::nullopt;
}

bool IsCurrency(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

void Cut(std::string_view secret, std::string* text) {
  constexpr std::string_view kCut = "(secret)";
  if (secret.size() < kShortestSecretToCut) return;
  for (size_t at = text->find(secret); at != std::string::npos; at = text->find(secret, at + kCut.size())) {
    text->replace(at, secret.size(), kCut);
  }
}

}  // namespace

std::optional<CredentialType> ReadCredentialType(std::string_view word) {
  if (word == "api_key") return CredentialType::kApiKey;
  if (word == "basic") return CredentialType::kBasic;
  if (word == "oauth") return CredentialType::kOauth;
  return std::nullopt;
}

RequestLimits LimitsOf(const Account& account, RequestLimits defaults) {
  const std::array<int*, 4> limits = {&defaults.per_second, &defaults.per_minute, &defaults.per_hour,
                                      &defaults.per_day};
  for (size_t i = 0; i < limits.size(); ++i) {
    const auto own = WholeBetween(account.Setting(kLimitNames[i]), 1, kLargestLimit);
    if (own.has_value()) *limits[i] = static_cast<int>(*own);
  }
  return defaults;
}

SyncSettings SyncSettingsOf(const Account& account, SyncSettings defaults) {
  const auto interval = WholeBetween(account.Setting("sync_interval_seconds"), kShortestInterval, kLongestInterval);
  if (interval.has_value()) defaults.interval = absl::Seconds(*interval);
  const auto batch = WholeBetween(account.Setting("sync_batch_size"), 1, defaults.largest_batch);
  if (batch.has_value()) defaults.batch_size = static_cast<int>(*batch);
  return defaults;
}

std::string CurrencyOf(const Account& account) {
  std::string currency = account.Setting(kCurrency);
  return IsCurrency(currency) ? currency : "USD";
}

void CheckSharedSettings(const Account& account, providers::AccountForm* form) {
  form->CheckSetting(kCredentialType, "must be api_key, basic or oauth",
                     [](std::string_view word) { return ReadCredentialType(word).has_value(); });
  form->CheckSetting(kApiUrl, "must be an https URL without query; http only to the machine itself",
                     providers::IsApiUrl);
  form->CheckSetting(kCurrency, "must be three capital letters", IsCurrency);
  for (const std::string_view name : kLimitNames) {
    form->CheckSetting(name, "must be a whole number from 1",
                       [](std::string_view text) { return WholeBetween(text, 1, kLargestLimit).has_value(); });
  }
  form->CheckSetting("sync_interval_seconds", "must be a whole number from 10 to 86400", [](std::string_view text) {
    return WholeBetween(text, kShortestInterval, kLongestInterval).has_value();
  });
  form->CheckSetting("sync_batch_size", "must be a whole number from 1 to 1000",
                     [](std::string_view text) { return WholeBetween(text, 1, kLargestBatch).has_value(); });
  form->CheckSetting(kRescans,
                     "must be depths and periods such as 48h@1h,30d@24h: at most 8, each deeper than the one before",
                     [](std::string_view text) { return ReadRescans(text).has_value(); });
  form->CheckSetting(providers::kWebhookSourceAddresses, "must be addresses and ranges, separated by commas",
                     [](std::string_view text) { return providers::SourceAddresses::Parse(text).ok(); });
  CheckWebhookModes(account, form);
  CheckApplyMode(account, form);
}

std::string WithoutCredentials(std::string_view text, const Account& account) {
  std::string cut(text);
  for (const auto& [name, secret] : account.credentials) Cut(secret, &cut);
  return cut;
}

}  // namespace trunkline::tracking
