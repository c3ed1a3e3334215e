#include "libs/providers/exotel/account_settings.h"

#include <gtest/gtest.h>

#include "libs/providers/exotel/exotel.h"
#include "libs/providers/exotel/test_webhooks.h"

namespace trunkline::providers::exotel {
namespace {

TEST(AccountSettingsTest, AnAccountOfTheUsualKindIsRight) { EXPECT_TRUE(CheckAccountForm(TestAccount()).empty()); }

TEST(AccountSettingsTest, EveryWrongSettingIsNamed) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"account_sid", "a/b"},
                                                        {"cluster", "moon"},
                                                        {"subdomain", "api.example.com"},
                                                        {"api_url", "http://api.example.com"},
                                                        {"api_url", "https://user@api.example.com"},
                                                        {"api_url", "https://api.example.com?x"},
                                                        {"caller_id", "me"},
                                                        {"caller_id_format", "roman"},
                                                        {"agent_number", "09876543210"},
                                                        {"app_id", "9x"},
                                                        {"flow_url", "ftp://my.exotel.com/x"},
                                                        {"bulk_upload", "pigeon"},
                                                        {"upload_wait_seconds", "0"},
                                                        {"time_zone", "IST"},
                                                        {"time_zone", "+15:00"},
                                                        {"country_prefix", "0091"},
                                                        {"currency", "rupees"},
                                                        {"webhook_authentication", "none"},
                                                        {"replay_window_hours", "-1"},
                                                        {"tenant_id", "acme"},
                                                        {"recording_hosts", "http://x"}}) {
    Account account = TestAccount();
    account.settings[name] = value;
    const auto problems = CheckAccountForm(account);
    ASSERT_EQ(problems.size(), 1u) << name << "=" << value;
    EXPECT_EQ(problems[0].field, "settings." + name);
  }
}

TEST(AccountSettingsTest, EveryMissingCredentialIsNamed) {
  Account account = TestAccount();
  account.credentials.clear();
  EXPECT_EQ(CheckAccountForm(account).size(), 3u);
  account.settings["webhook_authentication"] = "basic";
  EXPECT_EQ(CheckAccountForm(account).size(), 4u);  // API key and token, user name and password
  account = TestAccount();
  account.credentials["webhook_token"] = "short";
  EXPECT_EQ(CheckAccountForm(account)[0].field, "credentials.webhook_token");
}

TEST(AccountSettingsTest, TheHostFollowsFromClusterSubdomainAndUrl) {
  Account account = TestAccount();
  EXPECT_EQ(ApiUrlOf(account), "https://api.exotel.com");
  account.settings["cluster"] = "mumbai";
  EXPECT_EQ(ApiUrlOf(account), "https://api.in.exotel.com");
  EXPECT_EQ(FlowUrlOf(account), "http://my.in.exotel.com/acme1/exoml/start_voice/926");
  account.settings["subdomain"] = "ccm-api.exotel.com";
  EXPECT_EQ(ApiUrlOf(account), "https://ccm-api.exotel.com");
  account.settings["api_url"] = "http://127.0.0.1:8090/";
  EXPECT_EQ(ApiUrlOf(account), "http://127.0.0.1:8090");
}

TEST(AccountSettingsTest, UrlsToEnterHaveThePlaceholder) {
  const auto provider = MakeProvider({.public_url = kTestBase});
  const auto urls = provider->UrlsToEnter(kTestBase, kTestAccount);
  EXPECT_EQ(urls.at("passthru"), std::string(kTestBase) + "/telephony/webhook/exotel/passthru?account=" + kTestAccount +
                                     "&token={webhook_token}");
  EXPECT_EQ(urls.size(), 7u);
  EXPECT_EQ(provider->Name(), "exotel");
}

TEST(AccountSettingsTest, WhatIsNotAFeatureSaysSo) {
  const auto provider = MakeProvider({.public_url = kTestBase});
  EXPECT_FALSE(provider->Features().contains(v1::FEATURE_END_CALL));
  EXPECT_EQ(provider->Client().EndCall(TestAccount(), "x").code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(provider->Controls().Hold(TestAccount(), {}, "").status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(provider->Recordings().Delete(TestAccount(), "x").code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace trunkline::providers::exotel
