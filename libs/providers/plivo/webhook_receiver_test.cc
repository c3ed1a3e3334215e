#include "libs/providers/plivo/webhook_receiver.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/signature.h"
#include "libs/providers/plivo/test_webhooks.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::plivo {
namespace {

constexpr char kBulk[] = "0190b2c3-0000-7000-8000-0000000000b1";

WebhookRequest Sign(WebhookRequest request, std::string_view token) {
  request.headers.emplace_back("x-plivo-signature-v3",
                               SignText(V3Text(request.method, request.url, request.BodyForm(), "7"), token));
  request.headers.emplace_back("x-plivo-signature-v3-nonce", "7");
  return request;
}

std::string Token() { return TestAccount().Credential(kAuthToken); }

class WebhookReceiverTest : public testing::Test {
 protected:
  std::string Verdict(const WebhookRequest& request, const Account& account = TestAccount()) {
    return std::string(ToStd(receiver_.Verify(request, account).message()));
  }
  const PlivoReceiver receiver_{};
};

TEST_F(WebhookReceiverTest, AWebhookOfAnotherAccountIsRefused) {
  const Form mine = {{"CallUUID", "u1"}, {"CallStatus", "ringing"}, {"ParentAuthID", "MAEXAMPLE00000000001"}};
  const Form other = {{"CallUUID", "u1"}, {"CallStatus", "ringing"}, {"ParentAuthID", "MAEXAMPLE00000000002"}};
  EXPECT_EQ(Verdict(Sign(PostOf("ring", "", mine), Token())), "");
  EXPECT_EQ(Verdict(Sign(PostOf("ring", "", other), Token())), "WRONG_ACCOUNT");
  EXPECT_EQ(Verdict(Sign(PostOf("ring", "?account=0190b2c3-0000-7000-8000-000000000009", mine), Token())),
            "WRONG_ACCOUNT");
  EXPECT_EQ(Verdict(PostOf("ring", "", mine)), "SIGNATURE_MISSING");
  EXPECT_EQ(Verdict(Sign(PostOf("ring", "", mine), "x")), "SIGNATURE_MISMATCH");
}

TEST_F(WebhookReceiverTest, ASubaccountKnowsItsMainAccount) {
  Account account = TestAccount();
  account.settings["auth_id"] = "SAEXAMPLE00000000001";
  const Form form = {{"CallUUID", "u1"}, {"CallStatus", "ringing"}, {"ParentAuthID", "MAEXAMPLE00000000001"}};
  const WebhookRequest request = Sign(PostOf("ring", "", form), Token());
  EXPECT_EQ(Verdict(request, account), "");
  account.settings["main_auth_id"] = "MAEXAMPLE00000000001";
  EXPECT_EQ(Verdict(request, account), "");
  account.settings["main_auth_id"] = "MAEXAMPLE00000000002";
  EXPECT_EQ(Verdict(request, account), "WRONG_ACCOUNT");
}

TEST_F(WebhookReceiverTest, BothTokensAreAcceptedDuringRotation) {
  Account account = TestAccount();
  account.credentials["auth_token_secondary"] = "next";
  EXPECT_EQ(Verdict(Sign(PostOf("ring", "", {{"CallUUID", "u1"}}), "next"), account), "");
  EXPECT_EQ(Verdict(Sign(PostOf("ring", "", {{"CallUUID", "u1"}}), Token()), account), "");
}

TEST_F(WebhookReceiverTest, TheCallOfTheUrlWins) {
  const auto subject = receiver_.Describe(
      PostOf(
          "answer", Concat("?call=", kTestCall, "&step=menu"),
          {{"CallUUID", kTestUuid}, {"CallStatus", "in-progress"}, {"Direction", "outbound"}, {"To", "15550100002"}}),
      TestAccount());
  ASSERT_TRUE(subject.ok());
  EXPECT_EQ(subject->call_id, kTestCall);
  EXPECT_EQ(subject->external_call_id, kTestUuid);
  EXPECT_EQ(subject->step, "menu");
  EXPECT_EQ(subject->to, "+15550100002");
  EXPECT_TRUE(subject->wants_plan);
}

TEST_F(WebhookReceiverTest, ACallOfABulkIsFoundByItsNumber) {
  const auto subject = receiver_.Describe(
      PostOf("ring", Concat("?bulk=", kBulk), {{"CallUUID", kTestUuid}, {"To", "15550100002"}}), TestAccount());
  ASSERT_TRUE(subject.ok());
  EXPECT_EQ(subject->call_id, telephony::CallIdOfBulk(kBulk, "+15550100002"));
}

TEST_F(WebhookReceiverTest, OnlyActionsOfAStepWantAPlan) {
  const Form form = {{"CallUUID", kTestUuid}, {"Digits", "1"}};
  for (const char* event : {"gather", "dial", "record", "wait"}) {
    EXPECT_FALSE(receiver_.Describe(PostOf(event, "", form), TestAccount())->wants_plan) << event;
    EXPECT_TRUE(receiver_.Describe(PostOf(event, "?step=a", form), TestAccount())->wants_plan) << event;
  }
  for (const char* event : {"ring", "hangup", "amd", "dial-events", "recording", "conference", "mpc", "stream"}) {
    EXPECT_FALSE(receiver_.Describe(PostOf(event, "?step=a", form), TestAccount())->wants_plan) << event;
  }
}

TEST_F(WebhookReceiverTest, AWebhookThatNamesNoCallIsMalformed) {
  EXPECT_EQ(receiver_.Describe(PostOf("ring", "", {{"To", "1"}}), TestAccount()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(receiver_.Describe(PostOf("odd", "", {{"To", "1"}}), TestAccount()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(WebhookReceiverTest, EachPlanIsATurnOfItsOwn) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_gather()->set_step("menu");
  const RenderContext context{.public_url = kTestBase, .account_id = kTestAccount, .call_id = kTestCall};
  EXPECT_NE(receiver_.RenderPlan(plan, context).body, receiver_.RenderPlan(plan, context).body);
}

TEST(AccountFormTest, IsChecked) {
  EXPECT_TRUE(CheckAccountForm(TestAccount()).empty());
  const auto fields = [](std::map<std::string, std::string> settings, std::map<std::string, std::string> credentials) {
    std::string text;
    Account account;
    account.settings = std::move(settings);
    account.credentials = std::move(credentials);
    for (const AccountProblem& problem : CheckAccountForm(account)) {
      text += Concat(problem.field, " ", problem.reason, ";");
    }
    return text;
  };
  EXPECT_EQ(fields({}, {}), "settings.auth_id MISSING;credentials.auth_token MISSING;");
  EXPECT_EQ(fields({{"auth_id", "AC1"},
                    {"api_url", "http://api.plivo.com"},
                    {"currency", "EUR"},
                    {"webhook_signatures", "v3,v9"},
                    {"default_region", "us"}},
                   {{"auth_token", "a:b"}}),
            "settings.auth_id MALFORMED;settings.api_url MALFORMED;settings.default_region MALFORMED;"
            "settings.currency MALFORMED;settings.webhook_signatures MALFORMED;credentials.auth_token MALFORMED;");
  EXPECT_EQ(fields({{"auth_id", "SAEXAMPLE00000000001"},
                    {"api_url", "http://127.0.0.1:8090"},
                    {"currency", "INR"},
                    {"webhook_signatures", "v3, v2"}},
                   {{"auth_token", "t"}}),
            "");
}

TEST(AccountFormTest, CredentialsGoToPlivoOnly) {
  Account account = TestAccount();
  EXPECT_TRUE(MayBeTrusted(account, "https://api.plivo.com/v1"));
  EXPECT_TRUE(MayBeTrusted(account, "https://media.plivo.com/x.mp3"));
  EXPECT_FALSE(MayBeTrusted(account, "http://media.plivo.com/x.mp3"));
  EXPECT_FALSE(MayBeTrusted(account, "https://plivo.com.evil.example/x.mp3"));
  EXPECT_FALSE(MayBeTrusted(account, "https://evilplivo.com/x.mp3"));
  EXPECT_FALSE(MayBeTrusted(account, "https://media.plivo.com@evil.example/x.mp3"));
  EXPECT_FALSE(MayBeTrusted(account, "http://127.0.0.1:8090/x.mp3"));
  account.settings["api_url"] = "http://127.0.0.1:8090/";
  EXPECT_TRUE(MayBeTrusted(account, "http://127.0.0.1:8090/x.mp3"));
  EXPECT_FALSE(MayBeTrusted(account, "http://127.0.0.1:8091/x.mp3"));
}

}  // namespace
}  // namespace trunkline::providers::plivo
