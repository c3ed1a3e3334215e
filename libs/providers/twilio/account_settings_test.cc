#include "libs/providers/twilio/account_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/twilio/test_webhooks.h"
#include "libs/providers/twilio/twilio.h"

namespace trunkline::providers::twilio {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::vector<std::string> WrongFields(const Account& account) {
  std::vector<std::string> fields;
  for (const AccountProblem& problem : CheckAccountForm(account)) fields.push_back(problem.field);
  return fields;
}

Account With(std::string_view name, std::string_view value) {
  Account account = TestAccount();
  account.settings[std::string(name)] = value;
  return account;
}

TEST(AccountSettingsTest, WhatIsRequired) {
  EXPECT_THAT(WrongFields(TestAccount()), IsEmpty());
  EXPECT_THAT(WrongFields(Account()), ElementsAre("settings.account_sid", "credentials.auth_token"));
  EXPECT_THAT(WrongFields(With("account_sid", "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
              ElementsAre("settings.account_sid"));
}

TEST(AccountSettingsTest, HttpIsForTheMachineItself) {
  for (const char* url : {"https://api.dublin.ie1.twilio.com", "http://127.0.0.1:8090", "http://localhost:1/twilio",
                          "http://[::1]:80", "https://twin.example.com/"}) {
    EXPECT_THAT(WrongFields(With("api_url", url)), IsEmpty()) << url;
  }
  for (const char* url : {"http://api.twilio.com", "ftp://localhost", "api.twilio.com", "http://127.0.0.1.evil.example",
                          "https://user:pass@api.twilio.com", "https://", "https://a b", "https://h:port",
                          "https://h/?a=b", "http://localhost@evil.example"}) {
    EXPECT_THAT(WrongFields(With("api_url", url)), ElementsAre("settings.api_url")) << url;
  }
}

TEST(AccountSettingsTest, RegionsAndKeys) {
  EXPECT_THAT(WrongFields(With("region", "ie1/..")), ElementsAre("settings.region"));
  EXPECT_THAT(WrongFields(With("edge", "dublin")), ElementsAre("settings.region"));
  EXPECT_THAT(WrongFields(With("default_region", "usa")), ElementsAre("settings.default_region"));
  Account account = TestAccount();
  account.credentials["api_key_sid"] = "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  EXPECT_THAT(WrongFields(account), ElementsAre("credentials.api_key_secret"));
  account.credentials["api_key_secret"] = "s3cret";
  EXPECT_THAT(WrongFields(account), IsEmpty());
  EXPECT_EQ(ApiCredentialsOf(account).username, "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(ApiCredentialsOf(account).password, "s3cret");
  EXPECT_EQ(TokenCredentialsOf(account).username, account.Setting("account_sid"));
  account.credentials.erase("api_key_sid");
  EXPECT_THAT(WrongFields(account), ElementsAre("credentials.api_key_sid"));
  account.credentials["auth_token"] = "line\nbreak";
  EXPECT_THAT(WrongFields(account), UnorderedElementsAre("credentials.auth_token", "credentials.api_key_sid"));
}

TEST(AccountSettingsTest, NoProblemShowsASecret) {
  Account account = TestAccount();
  account.credentials["auth_token"] = "hunter 2";
  for (const AccountProblem& problem : CheckAccountForm(account)) {
    EXPECT_EQ(problem.message.find("hunter"), std::string::npos);
  }
}

TEST(AccountSettingsTest, WhereTheApiIs) {
  EXPECT_EQ(ApiUrlOf(TestAccount()), "https://api.twilio.com");
  EXPECT_EQ(ApiUrlOf(With("region", "ie1")), "https://api.ie1.twilio.com");
  Account account = With("region", "ie1");
  account.settings["edge"] = "dublin";
  EXPECT_EQ(ApiUrlOf(account), "https://api.dublin.ie1.twilio.com");
  account.settings["api_url"] = "http://127.0.0.1:8090/twin/";
  EXPECT_EQ(ApiUrlOf(account), "http://127.0.0.1:8090/twin");
  EXPECT_EQ(ApiOriginOf(account), "http://127.0.0.1:8090");
}

TEST(ProviderTest, HandsOutUrlsWithRetries) {
  const auto provider = MakeProvider({.public_url = "https://hooks.example.com"});
  EXPECT_EQ(provider->Name(), "twilio");
  const std::string base = "https://hooks.example.com/telephony/webhook/twilio/";
  EXPECT_THAT(
      provider->UrlsToEnter("https://hooks.example.com", kTestAccount),
      UnorderedElementsAre(
          Pair("voice", Concat(base, "voice?account=", kTestAccount, "#ct=1500&rt=3500&tt=15000&rc=2&rp=5xx,ct,rt")),
          Pair("fallback",
               Concat(base, "fallback?account=", kTestAccount, "#ct=1500&rt=3500&tt=15000&rc=2&rp=5xx,ct,rt")),
          Pair("status", Concat(base, "status?account=", kTestAccount, "#rc=5&rp=all"))));
  EXPECT_FALSE(provider->CheckForm(Account()).empty());
  EXPECT_EQ(provider->Mapper().Version(), 2);
  EXPECT_EQ(provider->Receiver().HeadersToKeep().size(), 2u);
}

}  // namespace
}  // namespace trunkline::providers::twilio
