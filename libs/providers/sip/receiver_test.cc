// An exchange's HTTP webhooks: what proves them, and what they tell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/providers/sip/ami/md5.h"
#include "libs/providers/sip/digest_auth.h"
#include "libs/providers/sip/webhook_mapper.h"
#include "libs/providers/sip/webhook_receiver.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::sip {
namespace {

using telephony::NameOf;

constexpr char kAccount[] = "0190b2c3-0000-7000-8000-000000000001";
constexpr char kIncoming[] =
    R"({"event":"incoming_call","event_id":"9b2e6c1a-7f1d-4c55-9a1e-0b6d0f3b7a10","call_id":"1795171296.0","channel":"PJSIP/trunk-00000000","caller_id":"+14155550123","caller_name":"Alice Caller","destination":"+18005550100","direction":"inbound","timestamp":"2026-11-20T10:41:36.497Z"})";
constexpr char kIncomingSignature[] = "sha256=2843993f6e2503ec160c0176aa273aa7131e9e5d5bb030f1c1066757b78abf7a";
constexpr char kEnded[] =
    R"({"event":"call_ended","event_id":"2f0c1f6e-54e4-4f0e-8c7e-3a5b8a0c9d21","call_id":"1795171296.0","channel":"PJSIP/trunk-00000000","caller_id":"+14155550123","destination":"+18005550100","direction":"inbound","dial_status":"ANSWER","hangup_cause":16,"hangup_source":"caller","duration":8,"billsec":7,"recording_file":"","timestamp":"2026-11-20T10:41:44.525Z"})";
constexpr char kEndedSignature[] = "sha256=c6a717738159264cd0d782a2a4ba56daac916af982d76fc4f8f5df7f333a09f7";

Account TestAccount() {
  Account account;
  account.id = kAccount;
  account.provider = "sip";
  account.settings = {{"mode", "http"}};
  account.credentials = {{"webhook_secret", "pbx-shared-secret-1"},
                         {"webhook_token", "pbx-token-1"},
                         {"digest_username", "pbx"},
                         {"digest_password", "Circle of Life"}};
  return account;
}

WebhookRequest Post(std::string body, std::string_view content_type = "application/json") {
  WebhookRequest request;
  request.method = "POST";
  request.event = "events";
  request.url = Concat("https://hooks.example.com/telephony/webhook/sip/events?account=", kAccount);
  request.headers = {{"content-type", std::string(content_type)}};
  request.body = std::move(body);
  request.received_at = absl::FromUnixSeconds(1'795'171'300);
  return request;
}

WebhookRequest Signed(std::string body, std::string_view timestamp, std::string_view signature) {
  WebhookRequest request = Post(std::move(body));
  request.headers.emplace_back("x-pbx-timestamp", timestamp);
  request.headers.emplace_back("x-pbx-signature", signature);
  return request;
}

std::string ReasonOf(const WebhookRequest& request, const Account& account = TestAccount()) {
  return std::string(ToStd(SipReceiver().Verify(request, account).message()));
}

std::vector<events::v1::CallEvent> Map(const WebhookRequest& request) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider_account_id(kAccount);
  *raw.mutable_received_at() = telephony::ToProto(request.received_at);
  raw.mutable_http()->set_body(request.body);
  webhooks::v1::Header* header = raw.mutable_http()->add_headers();
  header->set_name("content-type");
  header->set_value(std::string(request.Header("content-type")));
  const auto events = SipMapper().Map(raw);
  EXPECT_TRUE(events.ok()) << events.status();
  return events.ok() ? *events : std::vector<events::v1::CallEvent>();
}

TEST(SipReceiverTest, HmacVectors) {
  EXPECT_EQ(ReasonOf(Signed(kIncoming, "1795171296", kIncomingSignature)), "");
  EXPECT_EQ(ReasonOf(Signed(kEnded, "1795171304", kEndedSignature)), "");
  EXPECT_EQ(ReasonOf(Signed(Concat(kEnded, " "), "1795171304", kEndedSignature)), "SIGNATURE_MISMATCH");
  EXPECT_EQ(ReasonOf(Signed(kEnded, "1795171305", kEndedSignature)), "SIGNATURE_MISMATCH");
  EXPECT_EQ(ReasonOf(Signed(kEnded, "x", kEndedSignature)), "SIGNATURE_MISMATCH");
  WebhookRequest late = Signed(kEnded, "1795171304", kEndedSignature);
  late.received_at += absl::Seconds(305);
  EXPECT_EQ(ReasonOf(late), "SIGNATURE_MISMATCH");
  Account without = TestAccount();
  without.credentials.clear();
  EXPECT_EQ(ReasonOf(Signed(kEnded, "1795171304", kEndedSignature), without), "SIGNATURE_MISMATCH");
}

TEST(SipReceiverTest, TokensAndNothing) {
  WebhookRequest request = Post(kIncoming);
  EXPECT_EQ(ReasonOf(request), "SIGNATURE_MISSING");
  request.headers.emplace_back("authorization", "Bearer pbx-token-1");
  EXPECT_EQ(ReasonOf(request), "");
  request.headers.back().second = "Bearer pbx-token-2";
  EXPECT_EQ(ReasonOf(request), "SIGNATURE_MISMATCH");
  request.headers.back() = {"x-pbx-token", "pbx-token-1"};
  EXPECT_EQ(ReasonOf(request), "");
  request.url = "https://hooks.example.com/telephony/webhook/sip/events?account=0190b2c3-0000-7000-8000-0000000000ff";
  EXPECT_EQ(ReasonOf(request), "WRONG_ACCOUNT");
  Account without = TestAccount();
  without.credentials["webhook_token"] = "";
  request.headers.back() = {"authorization", "Bearer "};
  EXPECT_EQ(ReasonOf(request, without), "SIGNATURE_MISMATCH");
}

std::string Between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t at = text.find(begin) + begin.size();
  return std::string(text.substr(at, text.find(end, at) - at));
}

std::string AnswerTo(std::string_view challenge, std::string_view password, bool sha256) {
  const auto hash = [&](std::string_view text) { return sha256 ? HexEncode(Sha256(text)) : ami::Md5Hex(text); };
  const std::string nonce = Between(challenge, "nonce=\"", "\"");
  const std::string uri = Concat("/telephony/webhook/sip/events?account=", kAccount);
  const std::string response = hash(Concat(hash(Concat("pbx:trunkline:", password)), ":", nonce,
                                           ":00000001:0a4f113b:auth:", hash(Concat("POST:", uri))));
  return Concat("Digest username=\"pbx\", realm=\"trunkline\", nonce=\"", nonce, "\", uri=\"", uri,
                "\", cnonce=\"0a4f113b\", nc=00000001, qop=auth, response=\"", response,
                "\", algorithm=", sha256 ? "SHA-256" : "MD5");
}

TEST(SipReceiverTest, DigestIsChallengedAndAnswered) {
  const SipReceiver receiver;
  WebhookRequest request = Post(kIncoming);
  const std::string challenge = receiver.Challenge(request, TestAccount());
  EXPECT_TRUE(challenge.starts_with("Digest realm=\"trunkline\", qop=\"auth\", algorithm=SHA-256, nonce=\""));
  request.headers.emplace_back("authorization", "");
  for (const bool sha256 : {true, false}) {
    request.headers.back().second = AnswerTo(challenge, "Circle of Life", sha256);
    EXPECT_EQ(ReasonOf(request), "") << sha256;
  }
  const std::string right = request.headers.back().second;
  WebhookRequest late = request;
  late.received_at += absl::Minutes(6);
  EXPECT_EQ(ReasonOf(late), "SIGNATURE_MISMATCH");
  EXPECT_NE(receiver.Challenge(late, TestAccount()).find("stale=true"), std::string::npos);
  WebhookRequest other = request;
  other.url += "&x=1";
  EXPECT_EQ(ReasonOf(other), "SIGNATURE_MISMATCH");
  other = request;
  other.method = "GET";
  EXPECT_EQ(ReasonOf(other), "SIGNATURE_MISMATCH");
  request.headers.back().second = AnswerTo(challenge, "Square of Life", true);
  EXPECT_EQ(ReasonOf(request), "SIGNATURE_MISMATCH");
  for (const char* broken :
       {"Digest", "Digest x", "Digest username=\"", "Digest a=b, a=c", "Digest =,=", "Basic cGJ4"}) {
    request.headers.back().second = broken;
    EXPECT_EQ(ReasonOf(request), "SIGNATURE_MISMATCH") << broken;
  }
  Account without = TestAccount();
  without.credentials.erase("digest_password");
  EXPECT_EQ(receiver.Challenge(request, without), "");
}

TEST(SipReceiverTest, OnTheLegacyPathTheExchangeNamesItself) {
  const SipReceiver receiver;
  Account account = TestAccount();
  account.settings["pbx_id"] = "office-1";
  WebhookRequest request = Post(R"({"event":"hangup","channel":"SIP/1","pbx_id":"office-1"})");
  request.url = "https://hooks.example.com/sip-webhook";
  request.headers.emplace_back("x-pbx-token", "pbx-token-1");
  EXPECT_EQ(receiver.ClaimedExternalAccount(request), "office-1");
  EXPECT_TRUE(receiver.IsExternalAccount(account, "office-1"));
  EXPECT_FALSE(receiver.IsExternalAccount(TestAccount(), ""));
  EXPECT_EQ(ReasonOf(request, account), "");
  EXPECT_EQ(ReasonOf(request), "WRONG_ACCOUNT");
  request.url += "?pbx_id=office-2";
  EXPECT_EQ(receiver.ClaimedExternalAccount(request), "office-2");
  EXPECT_EQ(ReasonOf(request, account), "WRONG_ACCOUNT");
  request.headers.emplace_back("x-pbx-id", "office-1");
  EXPECT_EQ(ReasonOf(request, account), "");
}

TEST(SipReceiverTest, VectorsTell) {
  const auto incoming = Map(Post(kIncoming));
  ASSERT_EQ(incoming.size(), 1U);
  EXPECT_EQ(NameOf(incoming[0].type()), "initiated");
  EXPECT_EQ(incoming[0].details().from(), "+14155550123");
  EXPECT_EQ(incoming[0].details().caller_name(), "Alice Caller");
  const auto ended = Map(Post(kEnded));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(NameOf(ended[0].status()), "completed");
  EXPECT_EQ(NameOf(ended[0].hangup().source()), "caller");
  EXPECT_EQ(ended[0].details().talk_duration().seconds(), 7);
  EXPECT_EQ(ended[0].call_id(), incoming[0].call_id());
  const auto subject = SipReceiver().Describe(Post(kEnded), TestAccount());
  ASSERT_TRUE(subject.ok());
  EXPECT_EQ(subject->call_id, ended[0].call_id());
  EXPECT_FALSE(subject->wants_plan);
}

TEST(SipReceiverTest, MinimalVariantsAreTaken) {
  const auto incoming = Map(Post(
      R"({"event":"incoming_call","channel":"SIP/trunk-00000001","caller_id":"+14155550123","destination":"18005550100","timestamp":"2026-11-20T10:41:36Z"})"));
  ASSERT_EQ(incoming.size(), 1U);
  EXPECT_EQ(incoming[0].details().direction(), calls::v1::CALL_DIRECTION_INBOUND);
  EXPECT_EQ(incoming[0].details().to(), "+18005550100");
  const auto busy = Map(Post(
      R"({"event":"hangup","channel":"SIP/trunk-00000001","callerid":"4155550123","did":"18005550100","hangup_cause":"17","timestamp":1795171304})"));
  ASSERT_EQ(busy.size(), 1U);
  EXPECT_EQ(NameOf(busy[0].status()), "busy");
  EXPECT_EQ(busy[0].call_id(), incoming[0].call_id());
  EXPECT_EQ(busy[0].occurred_at().seconds(), 1'795'171'304);
  const auto answered =
      Map(Post("event=call_answered&channel=SIP%2F202-00000002&caller_id=4155550123&destination=202&timestamp=2026-11-"
               "20+10%3A41%3A37",
               "application/x-www-form-urlencoded"));
  ASSERT_EQ(answered.size(), 1U);
  EXPECT_EQ(NameOf(answered[0].status()), "answered");
  EXPECT_EQ(answered[0].details().to(), "202");
}

struct EndCase {
  std::string_view body;
  std::string_view told;
};

TEST(SipReceiverTest, Ends) {
  const EndCase cases[] = {
      {R"("event":"call_ended","direction":"inbound","dial_status":"NOANSWER","hangup_cause":19)", "missed timeout"},
      {R"("event":"call_ended","direction":"outbound","dial_status":"NOANSWER","hangup_cause":"1")",
       "failed invalid_number"},
      {R"("event":"end","direction":"outbound","dial_status":"NOANSWER")", "no_answer timeout"},
      {R"("event":"call_ended","direction":"inbound","dial_status":"BUSY")", "missed busy"},
      {R"("event":"call_ended","direction":"outbound","dial_status":"BUSY")", "busy busy"},
      {R"("event":"call_ended","direction":"inbound","dial_status":"CANCEL","hangup_cause":127)",
       "abandoned user_hangup"},
      {R"("event":"call_ended","direction":"outbound","dial_status":"CANCEL")", "canceled user_hangup"},
      {R"("event":"call_ended","dial_status":"CHANUNAVAIL")", "failed unreachable"},
      {R"("event":"call_ended","dial_status":"CONGESTION","hangup_cause":34)", "failed provider_error"},
      {R"("event":"hangup","billsec":"5","hangup_cause":16)", "completed user_hangup"},
      {R"("event":"hangup","billsec":"5","hangup_source":"system","hangup_cause":16)", "completed system_hangup"},
      {R"("event":"hangup","billsec":5,"hangup_cause":16,"hangup_source":"SIP/t-00000001")", "completed user_hangup"},
      {R"("event":"queue_abandoned")", "abandoned user_hangup"},
      {R"("event":"missed_call")", "missed timeout"},
      {R"("event":"call_busy")", "busy busy"},
      {R"("event":"call_failed","hangup_cause":21)", "failed rejected"},
  };
  for (const EndCase& c : cases) {
    const auto events = Map(Post(Concat(R"({"channel":"SIP/t-00000001",)", c.body, "}")));
    ASSERT_EQ(events.size(), 1U) << c.body;
    EXPECT_EQ(Concat(NameOf(events[0].status()), " ", NameOf(events[0].hangup().cause())), c.told) << c.body;
  }
}

TEST(SipReceiverTest, OtherKindsAndWhatIsNotKnown) {
  const std::pair<const char*, const char*> kinds[] = {
      {"dial_start", "initiated"}, {"queue_join", "enqueued"},
      {"ringing", "ringing"},      {"hold", "held"},
      {"resume", "resumed"},       {"transfer", "transferred"},
      {"dtmf", "digits_received"}, {"recording_complete", "recording_changed"}};
  for (const auto& [word, type] : kinds) {
    const auto events = Map(Post(Concat(R"({"event":")", word, R"(","channel":"SIP/1","digits":"12"})")));
    ASSERT_EQ(events.size(), 1U) << word;
    EXPECT_EQ(NameOf(events[0].type()), type);
  }
  EXPECT_THAT(Map(Post(R"({"event":"coffee","channel":"SIP/1"})")), testing::IsEmpty());
  const auto recorded = Map(Post(R"({"event":"end","channel":"SIP/1","recording_file":"../../etc/passwd"})"));
  EXPECT_EQ(recorded.size(), 1U);
}

TEST(SipReceiverTest, WhatCannotBeUnderstoodIsRefused) {
  for (const char* body : {"", "{", "[]", "null", R"({"event":"x"})", R"({"channel":"SIP/1"})",
                           R"({"event":"x","channel":"SIP/1","caller_name":"a"b"})",
                           R"({"event":"x","channel":"SIP/1","far":[[[[[[[[1]]]]]]]]})"}) {
    EXPECT_FALSE(SipReceiver().Describe(Post(body), TestAccount()).ok()) << body;
  }
}

}  // namespace
}  // namespace trunkline::providers::sip
