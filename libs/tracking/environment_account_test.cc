#include "libs/tracking/environment_account.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string ProblemOf(const Environment& environment) {
  const auto account = ReadEnvironmentAccount("ringba", environment);
  EXPECT_EQ(account.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(account.status().message());
}

TEST(EnvironmentAccountTest, WithoutEnabledThereIsNone) {
  const auto account = ReadEnvironmentAccount("retreaver", {{"RETREAVER_COMPANY_ID", "170001"}});
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_FALSE(account->has_value());
}

TEST(EnvironmentAccountTest, SettingsAndCredentialsComeByTheirNames) {
  const auto account = ReadEnvironmentAccount("retreaver", {{"RETREAVER_ENABLED", "true"},
                                                            {"RETREAVER_COMPANY_ID", "170001"},
                                                            {"RETREAVER_API_KEY_ENCRYPTED", "sealed:a"},
                                                            {"RETREAVER_CURRENCY", ""},
                                                            {"RETREAVER_WEBHOOK_TOKEN_ENCRYPTED", "secret:b"},
                                                            {"RETREAVERS_COMPANY_ID", "another's"}});
  ASSERT_TRUE(account.ok()) << account.status();
  ASSERT_TRUE(account->has_value());
  EXPECT_TRUE((*account)->enabled);
  EXPECT_THAT((*account)->settings, ElementsAre(Pair("company_id", "170001")));
  EXPECT_THAT((*account)->credentials, UnorderedElementsAre(Key("api_key"), Key("webhook_token")));
  EXPECT_EQ((*account)->credentials.at("api_key").variable, "RETREAVER_API_KEY_ENCRYPTED");
}

TEST(EnvironmentAccountTest, TheNewerOfTwoNamesCounts) {
  const Environment older = {
      {"RINGBA_ENABLED", "false"}, {"RINGBA_CLIENT_ID", "RA1"}, {"RINGBA_CLIENT_SECRET_ENCRYPTED", "sealed:old"}};
  EXPECT_EQ((*ReadEnvironmentAccount("ringba", older))->settings.at("account_id"), "RA1");
  Environment both = older;
  both["RINGBA_ACCOUNT_ID"] = "RA2";
  both["RINGBA_API_TOKEN_ENCRYPTED"] = "sealed:new";
  const auto account = *ReadEnvironmentAccount("ringba", both);
  EXPECT_FALSE(account->enabled);
  EXPECT_EQ(account->settings.at("account_id"), "RA2");
  EXPECT_EQ(account->credentials.at("api_token").value, "sealed:new");
}

TEST(EnvironmentAccountTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(ProblemOf({{"RINGBA_ENABLED", "yes"}}), HasSubstr("RINGBA_ENABLED: must be true or false"));
  EXPECT_THAT(ProblemOf({{"RINGBA_ENABLED", "true"}, {"RINGBA_ACOUNT_ID", "RA1"}}),
              HasSubstr("RINGBA_ACOUNT_ID: there is no such variable"));
}

TEST(EnvironmentAccountTest, EveryPlatformOfOurOwnHasNames) {
  EXPECT_TRUE((*ReadEnvironmentAccount("trackdrive", {{"TRACKDRIVE_ENABLED", "true"},
                                                      {"TRACKDRIVE_SUBDOMAIN", "acme"},
                                                      {"TRACKDRIVE_PUBLIC_KEY_ENCRYPTED", "sealed:a"},
                                                      {"TRACKDRIVE_PRIVATE_KEY_ENCRYPTED", "sealed:b"}}))
                  ->credentials.contains("private_key"));
}

}  // namespace
}  // namespace trunkline::tracking
