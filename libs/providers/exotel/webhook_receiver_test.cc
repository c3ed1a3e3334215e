#include "libs/providers/exotel/webhook_receiver.h"

#include <gtest/gtest.h>

#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/call_identity.h"
#include "libs/providers/exotel/test_webhooks.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::exotel {
namespace {

constexpr char kCallQuery[] = "CallSid=71d0&CallType=call-attempt&CurrentTime=2026-01-15+15%3A00%3A00";

class WebhookReceiverTest : public testing::Test {
 protected:
  std::string Reason(const WebhookRequest& request) {
    return std::string(ToStd(receiver_.Verify(request, account_).message()));
  }
  WebhookRequest WithBasic(std::string_view credentials) {
    WebhookRequest request = GetOf("passthru", kCallQuery);
    request.headers.emplace_back("authorization", Concat("Basic ", Base64Encode(credentials)));
    return request;
  }
  Account account_ = TestAccount();
  const ExotelReceiver receiver_{};
};

TEST_F(WebhookReceiverTest, TheSecretInTheUrlProvesIt) {
  WebhookRequest request = GetOf("passthru", kCallQuery);
  EXPECT_EQ(Reason(request), "");
  account_.credentials["webhook_token"] = "another-secret-of-that-account";
  EXPECT_EQ(Reason(request), "SIGNATURE_MISMATCH");
  account_.credentials["webhook_token_secondary"] = kTestToken;
  EXPECT_EQ(Reason(request), "");
  request.url = Concat(kTestBase, "/telephony/webhook/exotel/passthru?", kCallQuery);
  EXPECT_EQ(Reason(request), "SIGNATURE_MISSING");
  account_.credentials.clear();
  request.url += "&token=";
  EXPECT_EQ(Reason(request), "SIGNATURE_MISSING");
}

TEST_F(WebhookReceiverTest, BasicProvesItWhereItIsSet) {
  account_.settings["webhook_authentication"] = "token_and_basic";
  account_.credentials["webhook_username"] = "exotel";
  account_.credentials["webhook_password"] = "pass";
  EXPECT_EQ(Reason(WithBasic("exotel:pass")), "");
  EXPECT_EQ(receiver_.Challenge(WithBasic("exotel:pass"), account_), "");
  EXPECT_EQ(Reason(WithBasic("exotel:wrong")), "SIGNATURE_MISMATCH");
  const WebhookRequest bare = GetOf("passthru", kCallQuery);
  EXPECT_EQ(Reason(bare), "SIGNATURE_MISSING");
  EXPECT_EQ(receiver_.Challenge(bare, account_), "Basic realm=\"trunkline\", charset=\"UTF-8\"");
  account_.credentials["webhook_token"] = "another-secret-of-that-account";
  EXPECT_EQ(receiver_.Challenge(bare, account_), "");
  account_.settings["webhook_authentication"] = "basic";
  EXPECT_EQ(Reason(WithBasic("exotel:pass")), "");
  account_.settings.erase("webhook_authentication");
  EXPECT_EQ(receiver_.Challenge(bare, account_), "");
}

TEST_F(WebhookReceiverTest, AnotherAccountIsRefused) {
  account_.settings["tenant_id"] = "67291";
  EXPECT_EQ(Reason(GetOf("passthru", Concat(kCallQuery, "&tenant_id=67291&AccountSid=acme1"))), "");
  EXPECT_EQ(Reason(GetOf("passthru", Concat(kCallQuery, "&tenant_id=1"))), "WRONG_ACCOUNT");
  EXPECT_EQ(Reason(GetOf("passthru", Concat(kCallQuery, "&AccountSid=acme2"))), "WRONG_ACCOUNT");
  account_.id = kTestCall;
  EXPECT_EQ(Reason(GetOf("passthru", kCallQuery)), "WRONG_ACCOUNT");
}

TEST_F(WebhookReceiverTest, AReplayIsRefused) {
  WebhookRequest request = GetOf("passthru", kCallQuery);
  request.received_at += absl::Hours(25);
  EXPECT_EQ(Reason(request), "TOO_OLD");
  account_.settings["replay_window_hours"] = "0";
  EXPECT_EQ(Reason(request), "");
}

TEST_F(WebhookReceiverTest, LegacyUrlsFindTheirAccountByTheSecret) {
  WebhookRequest request;
  request.method = "GET";
  request.url = Concat(kTestBase, "/exotel/call-back?token=", kTestToken, "&", kCallQuery);
  const std::string claimed = receiver_.ClaimedExternalAccount(request);
  EXPECT_EQ(claimed.find(kTestToken), std::string::npos);
  EXPECT_TRUE(receiver_.IsExternalAccount(account_, claimed));
  request.url = Concat(kTestBase, "/exotel/call-back?", kCallQuery);
  EXPECT_EQ(receiver_.ClaimedExternalAccount(request), "");
  request.url += "&AccountSid=acme1";
  EXPECT_TRUE(receiver_.IsExternalAccount(account_, receiver_.ClaimedExternalAccount(request)));
}

TEST_F(WebhookReceiverTest, TheSecretIsNotKept) {
  EXPECT_EQ(receiver_.UrlToKeep("https://h/p?account=1&token=x&CallSid=2"), "https://h/p?account=1&CallSid=2");
  EXPECT_EQ(receiver_.UrlToKeep("https://h/p?%74oken=x"), "https://h/p");
  EXPECT_EQ(receiver_.UrlToKeep("https://h/p"), "https://h/p");
}

TEST_F(WebhookReceiverTest, OurCustomFieldTiesAWebhookToItsCall) {
  const auto call_of = [&](std::string_view query) { return receiver_.Describe(GetOf("passthru", query), account_); };
  const std::string own = PercentEncode(CustomFieldOfCall(kTestCall));
  EXPECT_EQ(call_of(Concat(kCallQuery, "&CustomField=", own))->call_id, kTestCall);
  EXPECT_EQ(call_of(Concat(kCallQuery, "&CustomField=", kTestCall))->call_id,
            telephony::CallIdOf(kTestAccount, "71d0"));
  const std::string bulk = PercentEncode(CustomFieldOfBulk(kTestBulk, "+918047190000"));
  const std::string expected = telephony::CallIdOfBulk(kTestBulk, "+919876543210");
  EXPECT_EQ(call_of(Concat(kCallQuery, "&CallFrom=09876543210&CallTo=08047190000&CustomField=", bulk))->call_id,
            expected);
  EXPECT_EQ(call_of(Concat(kCallQuery, "&CallFrom=08047190000&CallTo=09876543210&CustomField=", bulk))->call_id,
            expected);
  EXPECT_FALSE(call_of("CallType=call-attempt").ok());
}

TEST_F(WebhookReceiverTest, AppletsThatAskGetAPlan) {
  for (const char* event : {"connect", "greeting", "gather", "branch"}) {
    EXPECT_TRUE(receiver_.Describe(GetOf(event, kCallQuery), account_)->wants_plan) << event;
  }
  EXPECT_FALSE(receiver_.Describe(GetOf("passthru", kCallQuery), account_)->wants_plan);
  EXPECT_EQ(receiver_.Acknowledge().status, 200);
  EXPECT_EQ(receiver_.Acknowledge().body, "");
  EXPECT_TRUE(receiver_.AcceptsMediaType("multipart/form-data"));
  EXPECT_TRUE(receiver_.AcceptsMediaType("application/json"));
  EXPECT_FALSE(receiver_.AcceptsMediaType("text/xml"));
}

}  // namespace
}  // namespace trunkline::providers::exotel
