#include "libs/tracking/account_settings.h"

#include <gtest/gtest.h>

#include <set>

namespace trunkline::tracking {
namespace {

TEST(AccountSettingsTest, AnAccountsOwnLimitsReplaceThePlatforms) {
  Account account;
  account.settings = {{"requests_per_minute", "30"},
                      {"requests_per_day", "200"},
                      {"requests_per_second", "none"},
                      {"sync_interval_seconds", "60"},
                      {"sync_batch_size", "5000"}};
  const RequestLimits limits = LimitsOf(account, {.per_second = 2, .burst = 4, .per_minute = 120, .in_flight = 3});
  EXPECT_EQ(limits, (RequestLimits{.per_second = 2, .burst = 4, .per_minute = 30, .per_day = 200, .in_flight = 3}));
  const SyncSettings sync = SyncSettingsOf(account, {.batch_size = 50, .largest_batch = 250});
  EXPECT_EQ(sync.interval, absl::Seconds(60));
  EXPECT_EQ(sync.batch_size, 50);
}

TEST(AccountSettingsTest, EveryWrongSettingIsNamed) {
  Account account;
  account.settings = {{"credential_type", "token"},      {"api_url", "http://example.com"}, {"currency", "usd"},
                      {"requests_per_hour", "0"},        {"sync_interval_seconds", "1"},    {"sync_batch_size", "9999"},
                      {"webhook_source_addresses", "x"}, {"webhook_modes", "hope"},         {"apply_mode", "x"},
                      {"sync_rescans", "30d@24h,48h@1h"}};
  providers::AccountForm form(account);
  CheckSharedSettings(account, &form);
  std::set<std::string> fields;
  for (const AccountProblem& problem : std::move(form).Problems()) fields.insert(problem.field);
  EXPECT_EQ(fields.size(), account.settings.size());
  EXPECT_EQ(CurrencyOf(account), "USD");
}

TEST(AccountSettingsTest, CredentialsAreCutOutOfTexts) {
  Account account;
  account.credentials = {{"api_key", "s3cr3t"}, {"short", "a"}};
  EXPECT_EQ(WithoutCredentials("key s3cr3t, s3cr3ts3cr3t and a", account), "key (secret), (secret)(secret) and a");
}

}  // namespace
}  // namespace trunkline::tracking
