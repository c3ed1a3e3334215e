#include "libs/providers/sip/account_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/providers/sip/manager_client.h"
#include "libs/providers/sip/parties.h"

namespace trunkline::providers::sip {
namespace {

Account Good() {
  Account account;
  account.settings = {
      {"ami_host", "127.0.0.1"}, {"dial_string", "PJSIP/{number}@trunk"}, {"dial_context", "trunkline"}};
  account.credentials = {{"ami_username", "unify"}, {"ami_secret", "secret"}};
  return account;
}

std::vector<std::string> FieldsOf(const Account& account) {
  std::vector<std::string> fields;
  for (const AccountProblem& problem : CheckAccountForm(account)) fields.push_back(problem.field);
  return fields;
}

TEST(AccountSettingsTest, AGoodAccountHasNoProblem) { EXPECT_THAT(FieldsOf(Good()), testing::IsEmpty()); }

TEST(AccountSettingsTest, EachSettingHasItsForm) {
  const std::pair<const char*, const char*> wrong[] = {{"mode", "smtp"},
                                                       {"ami_host", "a b"},
                                                       {"ami_port", "0"},
                                                       {"ami_tls", "yes"},
                                                       {"dial_string", "PJSIP/{number}@trunk&PJSIP/900@trunk"},
                                                       {"dial_string", "Dial/{number}"},
                                                       {"dial_context", "a,b"},
                                                       {"dial_exten", "{number}{number}"},
                                                       {"dial_priority", "0"},
                                                       {"number_format", "hex"},
                                                       {"hold_mode", "maybe"},
                                                       {"recording_url", "https://user@pbx/"},
                                                       {"extensions", "2XX,,"},
                                                       {"default_region", "usa"},
                                                       {"ami_ca_file", "ca.pem"},
                                                       {"conference_context", "a b"}};
  for (const auto& [name, value] : wrong) {
    Account account = Good();
    account.settings[name] = value;
    EXPECT_THAT(FieldsOf(account), testing::Contains(std::string("settings.") + name)) << value;
  }
}

TEST(AccountSettingsTest, AnotherHostNeedsTls) {
  Account account = Good();
  account.settings["ami_host"] = "pbx.example.com";
  EXPECT_THAT(FieldsOf(account), testing::ElementsAre("settings.ami_tls"));
  account.settings["ami_tls"] = "true";
  EXPECT_THAT(FieldsOf(account), testing::IsEmpty());
  EXPECT_EQ(EndpointOf(account).port, 5039);
  account.settings["ami_tls_verify"] = "false";
  EXPECT_THAT(FieldsOf(account), testing::ElementsAre("settings.ami_tls_verify"));
  EXPECT_TRUE(EndpointOf(account).verify);
}

TEST(AccountSettingsTest, WebhooksNeedAProof) {
  Account account;
  account.settings = {{"mode", "http"}};
  EXPECT_THAT(FieldsOf(account), testing::ElementsAre("credentials.webhook_secret"));
  account.credentials = {{"digest_username", "pbx"}};
  EXPECT_THAT(FieldsOf(account), testing::ElementsAre("credentials.digest_password"));
  account.credentials["digest_password"] = "secret";
  EXPECT_THAT(FieldsOf(account), testing::IsEmpty());
}

TEST(AccountSettingsTest, CallsArePlacedAsTheSettingsSay) {
  Account account = Good();
  account.settings["dial_exten"] = "s";
  DialRequest request{.call_id = "0190b2c3-0000-7000-8000-000000000002", .to = "+14155550123", .options = {}};
  request.options.from = "+18005550100";
  request.options.ring_timeout = absl::Seconds(20);
  request.options.record = true;
  EXPECT_EQ(OriginateOf(account, request).Render("tlo-1").value(),
            "Action: Originate\r\nActionID: tlo-1\r\nChannel: PJSIP/14155550123@trunk\r\nContext: trunkline\r\n"
            "Exten: s\r\nPriority: 1\r\nTimeout: 20000\r\nAsync: true\r\n"
            "ChannelId: 0190b2c3-0000-7000-8000-000000000002\r\n"
            "Variable: TRUNKLINE_CALL_ID=0190b2c3-0000-7000-8000-000000000002\r\n"
            "CallerID: <18005550100>\r\nVariable: TRUNKLINE_RECORD=1\r\n\r\n");
  for (const char* to : {"+1415&PJSIP/900", "1\r\nApplication: System", "+1,2", "${X}", ""}) {
    request.to = to;
    EXPECT_FALSE(OriginateOf(account, request).Render("tlo-1").ok()) << to;
  }
}

TEST(AccountSettingsTest, ExtensionsAndParties) {
  EXPECT_TRUE(IsOwnExtension("2XX,1000", "203") && IsOwnExtension("2XX,1000", "1000"));
  EXPECT_FALSE(IsOwnExtension("2XX", "2033") || IsOwnExtension("", "203") || IsOwnExtension("2XX", ""));
  EXPECT_EQ(PartyOf("14155550123", ""), "+14155550123");
  EXPECT_EQ(PartyOf("4155550123", "US"), "+14155550123");
  EXPECT_EQ(PartyOf("4155550123", ""), "4155550123");
  EXPECT_EQ(PartyOf("202", "US"), "202");
  for (const char* nobody : {"", "<unknown>", "anonymous", "s", "h"}) EXPECT_FALSE(PartyOf(nobody, "US")) << nobody;
}

}  // namespace
}  // namespace trunkline::providers::sip
