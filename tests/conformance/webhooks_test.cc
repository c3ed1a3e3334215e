// Webhooks and messages: genuine or not, twice the same, and the plans that answer them.
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "tests/conformance/conformance_test.h"

namespace trunkline::conformance {
namespace {

using plans::v1::CallPlan;
using providers::LiveCall;
using providers::WebhookRequest;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class WebhooksTest : public ConformanceTest {
 protected:
  // All that a whole call sends.
  std::vector<WebhookRequest> Genuine() {
    if (GetParam().send_webhooks != nullptr) {
      GetParam().send_webhooks({.provider = *provider_,
                                .account = account_,
                                .twin = *twin_,
                                .public_url = harness_.public_url(),
                                .from = Number(1),
                                .to = GetParam().own_number});
      harness_.WaitUntil([&] { return !harness_.Webhooks().empty(); });
      return harness_.Webhooks();
    }
    const LiveCall call = Place(1);
    harness_.WaitForEnd(call.call_id);
    return harness_.Webhooks();
  }
  bool IsGenuine(const WebhookRequest& webhook, const providers::Account& account) const {
    return provider_->Receiver().Verify(webhook, account).ok();
  }
};

TEST_P(WebhooksTest, ForgedWebhooksAreRefused) {
  if (GetParam().spoil_secret == nullptr) GTEST_SKIP() << "signs no webhooks";
  const auto genuine = Genuine();
  ASSERT_FALSE(genuine.empty());
  providers::Account wrong_secret = account_;
  GetParam().spoil_secret(&wrong_secret);
  providers::Account other_account = wrong_secret;
  other_account.id = NewCallId();
  for (const WebhookRequest& webhook : genuine) {
    SCOPED_TRACE(webhook.url);
    EXPECT_TRUE(IsGenuine(webhook, account_));
    EXPECT_FALSE(IsGenuine(webhook, wrong_secret));
    EXPECT_FALSE(IsGenuine(webhook, other_account));
    if (!GetParam().signs_content) continue;
    WebhookRequest changed = webhook;
    changed.parsed_body.reset();
    if (webhook.body.empty()) {
      changed.url += "&changed=1";
    } else {
      changed.body += "&changed=1";
    }
    EXPECT_FALSE(IsGenuine(changed, account_));
  }
}

TEST_P(WebhooksTest, SignatureThatIsMissingIsRefused) {
  if (GetParam().spoil_secret == nullptr) GTEST_SKIP() << "signs no webhooks";
  for (WebhookRequest webhook : Genuine()) {
    std::erase_if(webhook.headers, [](const auto& header) { return header.first != "content-type"; });
    // A secret that is no signature may stand in the URL.
    if (!GetParam().signs_content) webhook.url = provider_->Receiver().UrlToKeep(webhook.url);
    EXPECT_FALSE(IsGenuine(webhook, account_)) << webhook.url;
  }
}

TEST_P(WebhooksTest, NoSecretIsKept) {
  const LiveCall call = Place(1);
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  for (const webhooks::v1::RawWebhook& message : harness_.Messages()) {
    for (const auto& [name, secret] : account_.credentials) {
      EXPECT_THAT(message.http().url(), Not(HasSubstr(secret))) << name;
      for (const auto& header : message.http().headers()) EXPECT_THAT(header.value(), Not(HasSubstr(secret))) << name;
    }
  }
}

TEST_P(WebhooksTest, TheSameMessageGivesTheSameEvents) {
  const LiveCall call = Place(1);
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  for (const webhooks::v1::RawWebhook& message : harness_.Messages()) {
    webhooks::v1::RawWebhook again = message;
    again.set_webhook_id(NewCallId());
    *again.mutable_received_at() = telephony::ToProto(telephony::FromProto(message.received_at()) + absl::Minutes(1));
    const auto first = provider_->Mapper().Map(message);
    const auto second = provider_->Mapper().Map(again);
    ASSERT_TRUE(first.ok() && second.ok());
    ASSERT_EQ(first->size(), second->size());
    for (size_t i = 0; i < first->size(); ++i) EXPECT_EQ((*first)[i].event_id(), (*second)[i].event_id());
  }
  std::set<std::string> ids;
  for (const auto& event : harness_.AllEvents()) {
    EXPECT_TRUE(ids.insert(event.event_id()).second) << telephony::NameOf(event.type());
  }
}

TEST_P(WebhooksTest, EveryVerbIsUnderstood) {
  NEEDS(FEATURE_CALL_PLAN);
  constexpr char kHostile[] = "\"<Hangup/> & ]]> \xC3\xA9 '";
  std::map<std::string, CallPlan> plans;
  plans["say"].add_verbs()->mutable_say()->set_text(kHostile);
  plans["play"].add_verbs()->mutable_play()->set_url("https://example.com/a.mp3?b=1&c=2");
  plans["keys"].add_verbs()->mutable_play()->set_digits("12w#");
  plans["pause"] = PausePlan(2);
  auto& gather = *plans["gather"].add_verbs()->mutable_gather();
  gather.add_prompts()->mutable_say()->set_text(kHostile);
  gather.set_max_digits(2);
  gather.set_step("goodbye");
  plans["dial"].add_verbs()->mutable_dial()->add_targets(Number(3));
  plans["record"].add_verbs()->mutable_record()->set_step("goodbye");
  plans["enqueue"].add_verbs()->mutable_enqueue()->set_queue("support");
  plans["hold"].add_verbs()->mutable_hold();
  plans["conference"].add_verbs()->mutable_conference()->set_name("room-7");
  plans["conference"].mutable_verbs(0)->mutable_conference()->set_start_on_enter(true);
  plans["stream"].add_verbs()->mutable_stream()->set_url("wss://example.com/audio");
  plans["continue"].add_verbs()->mutable_continue_()->set_step("goodbye");
  plans["hangup"].add_verbs()->mutable_hangup();
  plans["empty"];
  CallPlan goodbye;
  goodbye.add_verbs()->mutable_say()->set_text("Goodbye.");
  harness_.SetPlan(goodbye, "goodbye");

  std::map<std::string, LiveCall> calls;
  for (auto& [name, plan] : plans) {
    LiveCall call{.call_id = NewCallId()};
    harness_.SetPlanOf(call.call_id, plan);
    const auto outcome = Dial(call.call_id, 1);
    ASSERT_EQ(outcome.kind, providers::DialOutcome::Kind::kPlaced) << name;
    call.external_call_id = outcome.external_call_id;
    calls[name] = call;
  }
  for (const auto& [name, call] : calls) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
    const auto record = harness_.RecordOf(call.call_id);
    EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_COMPLETED);
    EXPECT_FALSE(record.has_error()) << record.error().ShortDebugString();
  }
  EXPECT_THAT(harness_.Problems(), IsEmpty());
  // Where there is a URL for plans that cannot be used, none was asked.
  for (const auto& message : harness_.Messages()) EXPECT_NE(message.event(), "fallback");
}

INSTANTIATE_FOR_ALL_PROVIDERS(WebhooksTest);

}  // namespace
}  // namespace trunkline::conformance
