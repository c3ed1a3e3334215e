#include "libs/providers/twilio/webhook_receiver.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/twilio/signature.h"
#include "libs/providers/twilio/test_webhooks.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::twilio {
namespace {

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";
constexpr char kSid[] = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

WebhookRequest Signed(WebhookRequest request, std::string_view token = kToken) {
  request.headers.emplace_back("x-twilio-signature", Sign(request.url, ParseForm(request.body), token));
  return request;
}

TEST(TwilioReceiverTest, KnowsWhoseWebhookItIs) {
  const TwilioReceiver receiver{};
  EXPECT_EQ(receiver.ClaimedExternalAccount(PostOf("status", "", {{"AccountSid", kSid}})), kSid);
  EXPECT_EQ(receiver.ClaimedExternalAccount(testing_support::ReadWebhookSample("twilio", "status_get", kTestReceived)),
            kSid);
  EXPECT_EQ(receiver.ClaimedExternalAccount(PostOf("status", "", {})), "");
  EXPECT_TRUE(receiver.IsExternalAccount(TestAccount(), kSid));
  EXPECT_FALSE(receiver.IsExternalAccount(TestAccount(), "ACbbbb"));
  EXPECT_FALSE(receiver.IsExternalAccount(Account(), ""));
}

TEST(TwilioReceiverTest, AWebhookOfAnotherAccountIsRefused) {
  const TwilioReceiver receiver{};
  const auto verify = [&](std::string_view query, const Form& form) {
    return receiver.Verify(Signed(PostOf("status", query, form)), TestAccount());
  };
  EXPECT_TRUE(verify("", {{"AccountSid", kSid}}).ok());
  EXPECT_TRUE(verify("", {{"CallSid", kTestSid}}).ok());
  EXPECT_TRUE(verify(Concat("?account=", kTestAccount), {{"AccountSid", kSid}}).ok());
  EXPECT_EQ(verify("", {{"AccountSid", "ACbbbb"}}).message(), "WRONG_ACCOUNT");
  EXPECT_EQ(verify("?account=0190b2c3-0000-7000-8000-00000000dead", {{"AccountSid", kSid}}).message(), "WRONG_ACCOUNT");
}

TEST(TwilioReceiverTest, TheSecondaryTokenIsAccepted) {
  Account account = TestAccount();
  const WebhookRequest request = Signed(PostOf("status", "", {{"AccountSid", kSid}}), "second");
  EXPECT_FALSE(TwilioReceiver().Verify(request, account).ok());
  account.credentials["auth_token_secondary"] = "second";
  EXPECT_TRUE(TwilioReceiver().Verify(request, account).ok());
}

TEST(TwilioReceiverTest, AnAccountWithoutATokenAcceptsNothing) {
  Account account = TestAccount();
  account.credentials.clear();
  EXPECT_FALSE(TwilioReceiver().Verify(Signed(PostOf("status", "", {}), ""), account).ok());
}

TEST(TwilioReceiverTest, AWebSocketHandshakeIsSignedWithItsOwnScheme) {
  WebhookRequest request{.method = "GET", .url = "https://media.example.com/stream", .event = "stream"};
  request.headers = {{"upgrade", "WebSocket"},
                     {"x-twilio-signature", Sign("wss://media.example.com/stream/", {}, kToken)}};
  EXPECT_TRUE(TwilioReceiver().Verify(request, TestAccount()).ok());
}

TEST(TwilioReceiverTest, OurUrlNamesTheCall) {
  const auto subject = TwilioReceiver().Describe(PostOf("gather", Concat("?call=", kTestCall, "&step=menu"),
                                                        {{"CallSid", kTestSid},
                                                         {"Direction", "outbound-api"},
                                                         {"From", "anonymous"},
                                                         {"To", "+15550100002"},
                                                         {"Digits", "7"},
                                                         {"SpeechResult", "seven"}}),
                                                 TestAccount());
  ASSERT_TRUE(subject.ok());
  EXPECT_EQ(subject->call_id, kTestCall);
  EXPECT_EQ(subject->external_call_id, kTestSid);
  EXPECT_TRUE(subject->wants_plan);
  EXPECT_EQ(subject->step, "menu");
  EXPECT_FALSE(subject->inbound);
  EXPECT_EQ(subject->from, "");
  EXPECT_EQ(subject->to, "+15550100002");
  EXPECT_EQ(subject->digits, "7");
  EXPECT_EQ(subject->speech, "seven");
}

TEST(TwilioReceiverTest, NumbersAreReadAsThoseOfTheDefaultRegion) {
  Account account = TestAccount();
  account.settings["default_region"] = "US";
  const auto subject = TwilioReceiver().Describe(
      PostOf("voice", "", {{"CallSid", kTestSid}, {"From", "(212) 555-0100"}, {"To", "sip:a@b"}}), account);
  ASSERT_TRUE(subject.ok());
  EXPECT_EQ(subject->from, "+12125550100");
  EXPECT_EQ(subject->to, "sip:a@b");
}

TEST(TwilioReceiverTest, WhichWebhooksWantAPlan) {
  const auto wants = [](std::string_view event, std::string_view query) {
    const auto subject = TwilioReceiver().Describe(PostOf(event, query, {{"CallSid", kTestSid}}), TestAccount());
    return subject.ok() && subject->wants_plan;
  };
  for (const char* event : {"voice", "fallback"}) EXPECT_TRUE(wants(event, "")) << event;
  for (const char* event : {"gather", "dial", "record", "wait", "queue", "refer"}) {
    EXPECT_TRUE(wants(event, "?step=next")) << event;
    // The end of a plan: the start of the plan must not follow.
    EXPECT_FALSE(wants(event, "")) << event;
  }
  for (const char* event : {"status", "recording", "amd", "partial", "transcription", "stream", "conference"}) {
    EXPECT_FALSE(wants(event, "?step=next")) << event;
  }
}

TEST(TwilioReceiverTest, TheKeyThatEndedARecordingIsNoHangup) {
  const auto digits = [](std::string_view value) {
    const Form form = {{"CallSid", kTestSid}, {"Digits", std::string(value)}};
    return TwilioReceiver().Describe(PostOf("record", "?step=x", form), TestAccount())->digits;
  };
  EXPECT_EQ(digits("#"), "#");
  EXPECT_EQ(digits("hangup"), "");
}

TEST(TwilioReceiverTest, AWebhookWithoutACallIsAnError) {
  const TwilioReceiver receiver{};
  for (const WebhookRequest& request :
       {PostOf("status", "", {}), PostOf("status", "", {{"CallSid", std::string("CA\0x", 4)}}),
        PostOf("", "", {{"What", "ever"}}), PostOf("conference", "", {{"ConferenceSid", "CF1"}}),
        PostOf("status", "", {{"CallSid", std::string(5000, 'a')}})}) {
    EXPECT_EQ(receiver.Describe(request, TestAccount()).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(TwilioReceiverTest, RepliesAreTwiml) {
  const TwilioReceiver receiver{};
  EXPECT_EQ(receiver.Acknowledge().status, 200);
  EXPECT_EQ(receiver.Acknowledge().content_type, "text/xml; charset=utf-8");
  EXPECT_EQ(receiver.Acknowledge().body, R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)");
  EXPECT_EQ(receiver.RenderPlan({}, {}).body,
            R"(<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>)");
}

}  // namespace
}  // namespace trunkline::providers::twilio
