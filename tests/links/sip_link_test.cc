// The SIP adapter against a simulated Asterisk: calls placed and told of over the link, control, recordings, TLS, and a
// connection that breaks with calls in progress.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/sip/manager_link.h"
#include "libs/providers/sip/sip.h"
#include "libs/telephony/call_status.h"
#include "tests/links/link_listener.h"
#include "tools/provider-twin/fake_transport.h"
#include "tools/provider-twin/sip/sip_twin.h"
#include "tools/provider-twin/timer_queue.h"

namespace trunkline::providers::sip {
namespace {

using telephony::NameOf;

class SipLinkTest : public testing::Test {
 protected:
  SipLinkTest() : world_(timers_), provider_(MakeProvider({.public_url = "https://hooks"})) {
    world_.settings.time_scale = 0.05;
    twin_ = std::make_unique<twin::sip::SipTwin>(world_, transport_);
    EXPECT_TRUE(twin_->AddAccount("unify:secret").ok());
    EXPECT_TRUE(twin_->Listen({}).ok());
    endpoint_ = Ask("GET", "/endpoint");
    account_.id = "0190b2c3-0000-7000-8000-000000000001";
    account_.settings = {{"ami_host", "127.0.0.1"},
                         {"ami_port", std::to_string(endpoint_["port"].get<int>())},
                         {"dial_string", "PJSIP/{number}@trunk"},
                         {"dial_context", "trunkline"},
                         {"hold_context", "hold"},
                         {"answer_context", "answer"},
                         {"conference_context", "rooms"},
                         {"extensions", "2XX"},
                         {"recording_url", "https://pbx/recordings"}};
    account_.credentials = {{"ami_username", "unify"}, {"ami_secret", "secret"}};
    EXPECT_TRUE(provider_->CheckForm(account_).empty());
    listener_.MapWith(provider_->Mapper());
  }
  ~SipLinkTest() override {
    link_.reset();
    timers_.Stop();
    twin_.reset();
  }

  void OpenLink() {
    LinkTimes times;
    times.first_pause = absl::Milliseconds(10);
    times.largest_pause = absl::Milliseconds(50);
    times.ping = absl::Milliseconds(200);
    link_ = std::make_unique<ManagerLink>(account_, listener_, times);
    listener_.WaitForResyncs(1);
  }

  nlohmann::json Ask(std::string method, std::string path, const nlohmann::json& body = nlohmann::json::object()) {
    std::promise<std::string> answered;
    timers_.Soon([&] {
      http::Request request;
      request.method = method;
      request.target = Concat("/twin/sip", path);
      request.body = method == "GET" ? "" : WriteJson(body);
      answered.set_value(twin_->Control(path.substr(0, path.find('?')), request).body);
    });
    return ParseJson(answered.get_future().get());
  }

  std::string Receive(std::string_view to) {
    return Ask("POST", "/inbound", {{"from", "14155550123"}, {"to", std::string(to)}})["call"];
  }

  std::set<std::string> LiveAtTwin() {
    std::set<std::string> live;
    const nlohmann::json calls = Ask("GET", "/calls");
    for (const auto& call : calls["calls"]) live.insert(call["call"].get<std::string>());
    return live;
  }

  bool IsUp(std::string_view number) {
    const nlohmann::json calls = Ask("GET", "/calls");
    for (const auto& call : calls["calls"]) {
      for (const auto& channel : call["channels"]) {
        if (channel["number"] == std::string(number) && channel["state"] == "Up") return true;
      }
    }
    return false;
  }

  DialOutcome Place(std::string to) {
    DialRequest request;
    request.call_id = NewUuid(absl::Now());
    request.to = std::move(to);
    request.options.from = "+18005550100";
    request.options.ring_timeout = absl::Seconds(10);
    return provider_->Client().PlaceCall(account_, request);
  }

  // An inbound call whose sides talk.
  LiveCall Talk() {
    LiveCall call;
    call.external_call_id = Receive("18005550140");
    call.direction = calls::v1::CALL_DIRECTION_INBOUND;
    call.from = "+14155550123";
    call.to = "+18005550140";
    listener_.WaitForCount("answered", 1);
    call.call_id = listener_.WaitForEvent("answered").call_id();
    return call;
  }

  twin::TimerQueue timers_;
  twin::World world_;
  twin::FakeTransport transport_;
  std::unique_ptr<twin::sip::SipTwin> twin_;
  std::unique_ptr<Provider> provider_;
  nlohmann::json endpoint_;
  Account account_;
  LinkListener listener_;
  std::unique_ptr<EventLink> link_;
};

TEST_F(SipLinkTest, APlacedCallIsToldFromItsBeginningToItsEnd) {
  OpenLink();
  const DialOutcome outcome = Place("+14155550101");
  ASSERT_EQ(outcome.kind, DialOutcome::Kind::kPlaced) << outcome.error.ShortDebugString();
  const events::v1::CallEvent answered = listener_.WaitForEvent("answered");
  EXPECT_EQ(answered.call_id(), outcome.external_call_id);
  const auto fetched = provider_->Client().FetchCall(account_, outcome.external_call_id);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->call_id, outcome.external_call_id);
  EXPECT_EQ(fetched->event.status(), calls::v1::CALL_STATUS_ANSWERED);
  EXPECT_TRUE(provider_->Client().EndCall(account_, outcome.external_call_id).ok());
  const events::v1::CallEvent ended = listener_.WaitForEvent("ended");
  EXPECT_EQ(NameOf(ended.status()), "completed");
  EXPECT_EQ(NameOf(ended.hangup().cause()), "system_hangup");
  EXPECT_TRUE(absl::IsNotFound(provider_->Client().FetchCall(account_, outcome.external_call_id).status()));
  EXPECT_TRUE(provider_->Client().EndCall(account_, outcome.external_call_id).ok());
}

TEST_F(SipLinkTest, EachStoryEndsAsItsNumberSays) {
  OpenLink();
  const std::pair<const char*, const char*> stories[] = {{"+14155550150", "busy busy"},
                                                         {"+14155550151", "no_answer timeout"},
                                                         {"+14155550152", "failed invalid_number"},
                                                         {"+14155550154", "failed rejected"},
                                                         {"+14155550162", "completed user_hangup"}};
  std::map<std::string, std::string> wanted;
  for (const auto& [number, end] : stories) {
    const DialOutcome outcome = Place(number);
    ASSERT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
    wanted[outcome.external_call_id] = end;
  }
  listener_.WaitForCount("ended", static_cast<int>(wanted.size()));
  EXPECT_EQ(listener_.ends(), wanted);
  EXPECT_TRUE(listener_.live().empty());
}

TEST_F(SipLinkTest, RefusalsAreCertainAndLostAnswersInDoubt) {
  const std::pair<const char*, DialOutcome::Kind> replies[] = {{"+14155550156", DialOutcome::Kind::kRejected},
                                                               {"+14155550158", DialOutcome::Kind::kInDoubt},
                                                               {"+14155550160", DialOutcome::Kind::kInDoubt},
                                                               {"+14155550161", DialOutcome::Kind::kRejected}};
  for (const auto& [number, kind] : replies) EXPECT_EQ(Place(number).kind, kind) << number;
  EXPECT_TRUE(Place("+14155550161").error.retryable());
  // The lost one was placed, and can be found. An exchange lists no numbers of it; whose it is, its id tells.
  const auto calls = provider_->Client().ListCalls(account_, {.from = "+18005550100", .to = "+14155550158"});
  ASSERT_TRUE(calls.ok()) << calls.status();
  EXPECT_EQ(calls->size(), 1U);
  account_.credentials["ami_secret"] = "wrong";
  const DialOutcome refused = Place("+14155550101");
  EXPECT_EQ(refused.kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(refused.error.code(), calls::v1::CALL_ERROR_CODE_UNAUTHORIZED);
  account_.settings["ami_port"] = "1";
  EXPECT_EQ(Place("+14155550101").kind, DialOutcome::Kind::kRejected);
  EXPECT_TRUE(Place("+14155550101").error.retryable());
  account_.settings["mode"] = "http";
  EXPECT_EQ(Place("+14155550101").error.code(), calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  EXPECT_FALSE(provider_->HasLink(account_));
}

TEST_F(SipLinkTest, AccountsAreChecked) {
  EXPECT_TRUE(provider_->Client().CheckAccount(account_).value().empty());
  Ask("POST", "/accounts", {{"user", "unify"}, {"secret", "secret"}, {"denied", {"originate"}}});
  auto problems = provider_->Client().CheckAccount(account_);
  ASSERT_TRUE(problems.ok());
  ASSERT_EQ(problems->size(), 1U);
  EXPECT_EQ(problems->front().reason, "MISSING_PRIVILEGE");
  account_.credentials["ami_secret"] = "wrong";
  problems = provider_->Client().CheckAccount(account_);
  ASSERT_TRUE(problems.ok());
  EXPECT_EQ(problems->front().field, "credentials.ami_secret");
  account_.settings["ami_port"] = "1";
  EXPECT_TRUE(absl::IsUnavailable(provider_->Client().CheckAccount(account_).status()));
}

TEST_F(SipLinkTest, AfterABreakTheLiveCallsAreThoseOfTheExchange) {
  world_.settings.time_scale = 1;
  OpenLink();
  for (int i = 0; i < 15; ++i) Receive("18005550140");
  listener_.WaitForCount("answered", 15);
  EXPECT_EQ(Ask("GET", "/stats")["live_channels"], 30);
  EXPECT_EQ(listener_.live(), LiveAtTwin());
  const nlohmann::json dropped = Ask("POST", "/drop", {{"hang_up_while_away", 6}});
  EXPECT_EQ(dropped["ended"].size(), 6U);
  listener_.WaitForResyncs(2);
  EXPECT_EQ(LiveAtTwin().size(), 9U);
  EXPECT_EQ(listener_.live(), LiveAtTwin());
  // And it hears again.
  const std::string still = *listener_.live().begin();
  Ask("POST", Concat("/calls/", still, "/hangup"));
  EXPECT_EQ(listener_.WaitForEvent("ended").details().external_call_id(), still);
  EXPECT_EQ(NameOf(listener_.WaitForEvent("ended").hangup().source()), "caller");
  EXPECT_FALSE(listener_.states().front() != absl::OkStatus());
}

TEST_F(SipLinkTest, ACallIsHeldAndResumed) {
  world_.settings.time_scale = 0.1;
  OpenLink();
  const LiveCall call = Talk();
  CallControls& controls = provider_->Controls();
  const auto held = controls.Hold(account_, call, "");
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_FALSE(held->provider_tells);
  EXPECT_TRUE(controls.Hold(account_, call, "").ok());
  EXPECT_EQ(Ask("GET", "/requests?action=Redirect")["requests"].size(), 1U);
  EXPECT_TRUE(controls.Resume(account_, call).ok());
  EXPECT_TRUE(controls.Resume(account_, call).ok());
  EXPECT_EQ(Ask("GET", "/requests?action=Bridge")["requests"].size(), 1U);
  // Whoever was held once may be held again.
  EXPECT_TRUE(controls.Hold(account_, call, "").ok());
  EXPECT_EQ(Ask("GET", "/requests?action=Redirect")["requests"].size(), 2U);
  EXPECT_TRUE(controls.Resume(account_, call).ok());
  EXPECT_TRUE(controls.SendDigits(account_, call, "1w#").ok());
  EXPECT_FALSE(controls.SendDigits(account_, call, "1\r\n").ok());
  EXPECT_EQ(Ask("GET", "/requests?action=PlayDTMF")["requests"].size(), 2U);
  EXPECT_FALSE(controls.Hold(account_, call, "https://music").ok());
  EXPECT_TRUE(controls.JoinConference(account_, call, {.name = "room-1"}).ok());
  Ask("POST", Concat("/calls/", call.external_call_id, "/hangup"));
}

TEST_F(SipLinkTest, ACallIsTransferred) {
  world_.settings.time_scale = 0.1;
  OpenLink();
  const LiveCall call = Talk();
  CallControls& controls = provider_->Controls();
  EXPECT_FALSE(controls.Transfer(account_, call, {.target = "203\r\nAction: x"}).ok());
  const auto transferred = controls.Transfer(account_, call, {.target = "203"});
  ASSERT_TRUE(transferred.ok()) << transferred.status();
  EXPECT_TRUE(transferred->provider_tells);
  EXPECT_EQ(listener_.WaitForEvent("transferred").call_id(), call.call_id);
  listener_.WaitForCount("answered", 2);
  // Without a consultation the other side's leaving would end the call.
  EXPECT_TRUE(absl::IsFailedPrecondition(controls.CompleteTransfer(account_, call).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(controls.CancelTransfer(account_, call).status()));
  ASSERT_TRUE(controls.Transfer(account_, call, {.target = "204", .attended = true}).ok());
  EXPECT_EQ(listener_.WaitForEvent("held").call_id(), call.call_id);
  // The target is talked to once it is up, of which no event of the call tells.
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (absl::Now() < deadline && !IsUp("204")) {
  }
  EXPECT_TRUE(controls.CompleteTransfer(account_, call).ok());
  listener_.WaitForCount("transferred", 2);
  ASSERT_TRUE(provider_->Client().EndCall(account_, call.external_call_id).ok());
  EXPECT_EQ(NameOf(listener_.WaitForEvent("ended").status()), "completed");
}

TEST_F(SipLinkTest, ACallIsRecorded) {
  world_.settings.time_scale = 0.1;
  OpenLink();
  const LiveCall call = Talk();
  const auto recording = provider_->Recordings().Start(account_, call);
  ASSERT_TRUE(recording.ok()) << recording.status();
  EXPECT_EQ(recording->url(), Concat("https://pbx/recordings/", recording->external_recording_id()));
  const events::v1::CallEvent told = listener_.WaitForEvent("recording_changed");
  EXPECT_EQ(told.details().recording().external_recording_id(), recording->external_recording_id());
  EXPECT_EQ(told.details().recording().url(), recording->url());
  EXPECT_TRUE(provider_->Recordings().Stop(account_, call, "").ok());
  listener_.WaitForCount("recording_changed", 2);
  EXPECT_TRUE(provider_->Recordings().Stop(account_, call, "").ok());
}

TEST_F(SipLinkTest, TlsChecksTheCertificate) {
  account_.settings["ami_port"] = std::to_string(endpoint_["tls_port"].get<int>());
  account_.settings["ami_tls"] = "true";
  auto problems = provider_->Client().CheckAccount(account_);
  ASSERT_TRUE(problems.ok()) << problems.status();
  ASSERT_EQ(problems->size(), 1U);
  EXPECT_EQ(problems->front().field, "settings.ami_host");
  account_.settings["ami_tls_verify"] = "false";
  EXPECT_TRUE(provider_->Client().CheckAccount(account_).value().empty());
  account_.settings.erase("ami_tls_verify");
  const std::string file = Concat(testing::TempDir(), "/sip_link_test_ca.pem");
  std::ofstream(file) << endpoint_["certificate"].get<std::string>();
  account_.settings["ami_ca_file"] = file;
  EXPECT_TRUE(provider_->Client().CheckAccount(account_).value().empty());
  OpenLink();
  Receive("18005550140");
  EXPECT_EQ(NameOf(listener_.WaitForEvent("answered").status()), "answered");
}

TEST_F(SipLinkTest, ALinkThatCannotConnectEndsAtOnce) {
  account_.settings["ami_port"] = "1";
  link_ = std::make_unique<ManagerLink>(account_, listener_);
  const absl::Time before = absl::Now();
  link_.reset();
  EXPECT_LT(absl::Now() - before, absl::Seconds(2));
}

}  // namespace
}  // namespace trunkline::providers::sip
