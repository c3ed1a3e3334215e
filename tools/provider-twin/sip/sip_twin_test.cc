// The simulated exchange by itself, on a clock that the test moves: what a manager client reads of it.
#include "tools/provider-twin/sip/sip_twin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "libs/base/text.h"
#include "tools/provider-twin/fake_transport.h"
#include "tools/provider-twin/manual_scheduler.h"
#include "tools/provider-twin/sip/ami_front.h"
#include "tools/provider-twin/sip/certificate.h"
#include "tools/provider-twin/sip/pbx_webhook.h"

namespace trunkline::twin::sip {
namespace {

class FakePeer final : public Peer {
 public:
  void Send(std::string bytes) override { received += bytes; }
  void Close() override { closed = true; }

  // The events' names since the last time, in order.
  std::vector<std::string> Events() {
    std::vector<std::string> names;
    for (const std::string_view line : Split(received, '\n')) {
      if (line.starts_with("Event: ")) names.emplace_back(Trim(line.substr(7)));
    }
    received.clear();
    return names;
  }

  std::string received;
  bool closed = false;
};

class AmiFrontTest : public testing::Test {
 protected:
  AmiFrontTest() {
    front_.accounts()["unify"].secret = "test-secret-1";
    front_.Opened(peer_);
  }
  void LogIn() {
    // The challenge counts up from 100000000; the key is MD5 of it and the secret.
    Say("Action: Challenge\r\nAuthType: MD5\r\n\r\n");
    Say("Action: Login\nAuthType: MD5\nUsername: unify\nKey: 9326cccd57b10f76905c09731997710e\nEvents: on\n\n");
    peer_->received.clear();
  }
  void Say(std::string_view bytes) { front_.Received(peer_, bytes); }

  ManualScheduler scheduler_{absl::FromUnixSeconds(1'795'171'296)};
  World world_{scheduler_};
  AmiFront front_{world_};
  std::shared_ptr<FakePeer> peer_ = std::make_shared<FakePeer>();
};

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(AmiFrontTest, GreetsAndWantsALogin) {
  EXPECT_EQ(peer_->received, "Asterisk Call Manager/11.0.0\r\n");
  Say("Action: Ping\r\nActionID: a\r\n\r\n");
  EXPECT_THAT(peer_->received, HasSubstr("Response: Error\r\nActionID: a\r\nMessage: Permission denied\r\n\r\n"));
  Say("Action: Login\r\nAuthType: MD5\r\nUsername: unify\r\nKey: 0\r\n\r\n");
  EXPECT_THAT(peer_->received, HasSubstr("Authentication failed"));
  EXPECT_TRUE(peer_->closed);
}

TEST_F(AmiFrontTest, ABusyCallIsToldAsAsteriskDoes) {
  LogIn();
  Say("Action: Originate\r\nActionID: b\r\nChannel: PJSIP/14155550150@trunk\r\nContext: c\r\nExten: s\r\n"
      "Async: true\r\nChannelId: call-1\r\n\r\n");
  EXPECT_THAT(peer_->received, testing::StartsWith("Response: Success\r\nActionID: b\r\n"));
  scheduler_.Advance(absl::Seconds(5));
  EXPECT_THAT(peer_->received, HasSubstr("Uniqueid: call-1\r\nLinkedid: call-1\r\nCause: 17\r\n"));
  EXPECT_THAT(peer_->Events(),
              ElementsAre("Newchannel", "DialBegin", "HangupRequest", "DialEnd", "OriginateResponse", "Hangup"));
}

TEST_F(AmiFrontTest, AnInboundCallIsToldAsAsteriskDoes) {
  LogIn();
  front_.exchange().Receive({.account = "unify", .from = "14155550123", .to = "18005550100"});
  scheduler_.Advance(absl::Seconds(4));
  EXPECT_THAT(peer_->Events(), ElementsAre("Newchannel", "Newchannel", "DialBegin", "Newstate", "DialState", "Newstate",
                                           "DialEnd", "Newstate", "BridgeEnter", "BridgeEnter"));
  Say("Action: CoreShowChannels\r\nActionID: c\r\n\r\n");
  EXPECT_THAT(peer_->received, HasSubstr("ListItems: 2"));
  peer_->received.clear();
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_THAT(peer_->Events(),
              ElementsAre("RTCPReceived", "HangupRequest", "BridgeLeave", "BridgeLeave", "Hangup", "Hangup", "Cdr"));
}

TEST_F(AmiFrontTest, ACallerWhoGivesUpLooksLikeAFaultOfTheNetwork) {
  LogIn();
  front_.exchange().Receive(
      {.account = "unify", .from = "14155550123", .to = "18005550100", .gives_up = absl::Seconds(1)});
  scheduler_.Advance(absl::Seconds(4));
  EXPECT_THAT(peer_->received, HasSubstr("Cause: 127\r\nTechCause: 487\r\n"));
  EXPECT_TRUE(front_.exchange().channels().OfAccount("unify").empty());
}

TEST_F(AmiFrontTest, WhatIsNotPlacedIsRefusedAndLostAnswersEndTheConnection) {
  LogIn();
  const auto place = [&](std::string_view number) {
    Say(Concat("Action: Originate\r\nChannel: PJSIP/", number, "@trunk\r\nExten: s\r\n\r\n"));
  };
  place("14155550156");
  place("14155550161");
  EXPECT_EQ(front_.exchange().calls_placed(), 0);
  EXPECT_FALSE(peer_->closed);
  place("14155550160");
  EXPECT_EQ(front_.exchange().calls_placed(), 0);
  EXPECT_TRUE(peer_->closed);
  peer_->closed = false;
  place("14155550158");
  EXPECT_EQ(front_.exchange().calls_placed(), 1);
  ASSERT_EQ(front_.placed().entries().size(), 1u);
  EXPECT_EQ(front_.placed().entries()[0].channel, "PJSIP/14155550158@trunk");
  EXPECT_TRUE(peer_->closed);
}

TEST(CertificateTest, IsMade) {
  const auto certificate = MakeCertificate();
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_THAT(certificate->certificate_pem, testing::StartsWith("-----BEGIN CERTIFICATE-----"));
}

// The example of RFC 7616, section 3.9.1.
TEST(PbxWebhookTest, DigestOfTheStandard) {
  const std::string challenge =
      "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  const std::string answer = AnswerChallenge(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html",
                                             "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
  EXPECT_THAT(answer, HasSubstr("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""));
  EXPECT_EQ(AnswerChallenge("Basic realm=x", "a", "b", "GET", "/", "c"), "");
}

TEST(PbxWebhookTest, EachProofIsSent) {
  ManualScheduler scheduler(absl::FromUnixSeconds(1'795'171'296));
  World world(scheduler);
  FakeTransport transport;
  WebhookSender sender(world, transport);
  transport.answer = [](const http::ClientRequest& request) -> absl::StatusOr<http::Response> {
    for (const auto& [name, value] : request.headers) {
      if (name == "Authorization") return http::Response{.status = 200};
    }
    return http::Response{.status = 401, .headers = {{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\""}}};
  };
  SendPbxWebhook(world, sender,
                 {.url = "http://h/x", .body = "{}", .proof = Proof::kDigest, .secret = "s", .user = "u"});
  scheduler.Advance(absl::Seconds(1));
  EXPECT_EQ(transport.requests.size(), 2U);
  SendPbxWebhook(world, sender, {.url = "http://h/x", .body = "{}", .proof = Proof::kHmac, .secret = "s"});
  scheduler.Advance(absl::Seconds(1));
  ASSERT_EQ(transport.requests.size(), 3U);
  EXPECT_THAT(transport.requests.back().headers, testing::Contains(testing::Pair("X-PBX-Timestamp", "1795171297")));
}

}  // namespace
}  // namespace trunkline::twin::sip
