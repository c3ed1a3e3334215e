// Trunkline's own adapter against the twin, over HTTP: each was written from Plivo's description alone, so where they
// agree both are probably right. Everything that the adapter lists among its features happens here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "libs/base/text.h"
#include "libs/http/server.h"
#include "libs/providers/plivo/plivo.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/fetch_whole.h"
#include "tools/provider-twin/plivo/plivo_twin.h"
#include "tools/provider-twin/timer_queue.h"
#include "tools/provider-twin/twin.h"

namespace trunkline::twin::plivo {
namespace {

using events::v1::CallEvent;
using providers::DialOutcome;
using telephony::NameOf;
using ::testing::Contains;

constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-000000000001";
constexpr char kCallId[] = "0190b2c3-0000-7000-8000-000000000002";
constexpr char kBulkId[] = "0190b2c3-0000-7000-8000-0000000000b1";
constexpr char kFrom[] = "+15550109999";

std::unique_ptr<http::Server> Serve(http::Handler handler) {
  auto server = http::Server::Start({}, std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

std::string UrlOf(const http::Server& server) { return Concat("http://127.0.0.1:", server.port()); }

class PlivoAdapterTest : public testing::Test {
 protected:
  PlivoAdapterTest() {
    world_.settings.time_scale = 0.02;
    auto plivo = std::make_unique<PlivoTwin>(world_, *transport_);
    EXPECT_TRUE(plivo->AddAccount("MAEXAMPLE00000000001:token").ok());
    std::vector<std::unique_ptr<Provider>> twins;
    twins.push_back(std::move(plivo));
    twin_ = std::make_unique<Twin>(world_, std::move(twins));
    api_ = Serve([this](http::Request request, http::Responder respond) {
      twin_->Handle(std::move(request), std::move(respond));
    });
    world_.public_url = UrlOf(*api_);
    hooks_ = Serve([this](http::Request request, http::Responder respond) { respond.Send(OnWebhook(request)); });
    hooks_url_ = UrlOf(*hooks_);
    adapter_ = providers::plivo::MakeProvider({.public_url = hooks_url_, .api_timeout = absl::Seconds(5)});
    account_.id = kAccountId;
    account_.settings = {{"auth_id", "MAEXAMPLE00000000001"}, {"api_url", UrlOf(*api_)}};
    account_.credentials = {{"auth_token", "token"}};
    plan_.add_verbs()->mutable_pause()->mutable_length()->set_seconds(600);
  }
  ~PlivoAdapterTest() override {
    // Nothing is planned any more before what it would use is gone.
    timers_.Stop();
    api_.reset();
    transport_.reset();
    hooks_.reset();
  }

  // What webhook-ingest and the normalizer do.
  http::Response OnWebhook(const http::Request& request) {
    providers::WebhookRequest webhook;
    webhook.method = request.method;
    webhook.url = Concat(hooks_url_, request.target);
    const std::string_view path = request.Path();
    webhook.event = path.substr(path.rfind('/') + 1);
    webhook.headers = request.headers;
    webhook.body = request.body;
    const providers::WebhookReceiver& receiver = adapter_->Receiver();
    EXPECT_TRUE(receiver.Verify(webhook, account_).ok()) << webhook.url;
    const auto subject = receiver.Describe(webhook, account_);
    EXPECT_TRUE(subject.ok()) << subject.status();
    webhooks::v1::RawWebhook raw;
    raw.set_provider_account_id(account_.id);
    raw.set_event(webhook.event);
    *raw.mutable_received_at() = telephony::ToProto(absl::Now());
    raw.mutable_http()->set_method(webhook.method);
    raw.mutable_http()->set_url(webhook.url);
    raw.mutable_http()->set_body(webhook.body);
    const auto events = adapter_->Mapper().Map(raw);
    EXPECT_TRUE(events.ok()) << events.status();
    const std::lock_guard lock(mutex_);
    if (events.ok()) events_.insert(events_.end(), events->begin(), events->end());
    changed_.notify_all();
    if (!subject.ok()) return {.status = 400};
    steps_.push_back(subject->step);
    const auto reply = subject->wants_plan ? receiver.RenderPlan(plan_, {.public_url = hooks_url_,
                                                                         .account_id = account_.id,
                                                                         .call_id = subject->call_id,
                                                                         .asked_url = webhook.url})
                                           : receiver.Acknowledge();
    return {.status = reply.status, .headers = {{"Content-Type", reply.content_type}}, .body = reply.body};
  }

  // The first event of that type of the call; nothing after ten seconds.
  std::optional<CallEvent> Await(std::string_view call_id, events::v1::CallEventType type) {
    std::optional<CallEvent> found;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] {
      for (const CallEvent& event : events_) {
        if (event.call_id() == call_id && event.type() == type) found = event;
      }
      return found.has_value();
    });
    EXPECT_TRUE(found.has_value()) << NameOf(type) << " of " << call_id;
    return found;
  }

  providers::LiveCall Place(std::string_view to, bool record = false) {
    const DialOutcome outcome = adapter_->Client().PlaceCall(
        account_, {.call_id = kCallId, .to = std::string(to), .options = {.from = kFrom, .record = record}});
    EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
    return {.call_id = kCallId,
            .external_call_id = outcome.external_call_id,
            .from = kFrom,
            .to = std::string(to),
            .direction = calls::v1::CALL_DIRECTION_OUTBOUND};
  }
  providers::LiveCall PlaceAnswered(bool record = false) {
    const providers::LiveCall call = Place("+15550100001", record);
    Await(kCallId, events::v1::CALL_EVENT_TYPE_ANSWERED);
    return call;
  }

  TimerQueue timers_;
  World world_{timers_};
  std::unique_ptr<WebhookTransport> transport_ = MakeHttpTransport(4);
  std::unique_ptr<Twin> twin_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CallEvent> events_;
  std::vector<std::string> steps_;
  plans::v1::CallPlan plan_;
  providers::Account account_;
  std::unique_ptr<providers::Provider> adapter_;
  std::string hooks_url_;
  std::unique_ptr<http::Server> hooks_;
  std::unique_ptr<http::Server> api_;
};

TEST_F(PlivoAdapterTest, ACallIsPlacedFollowedFetchedAndListed) {
  plan_.mutable_verbs(0)->mutable_pause()->mutable_length()->set_seconds(5);
  const providers::LiveCall call = Place("+15550100001");
  Await(kCallId, events::v1::CALL_EVENT_TYPE_RINGING);
  Await(kCallId, events::v1::CALL_EVENT_TYPE_ANSWERED);
  const auto ended = Await(kCallId, events::v1::CALL_EVENT_TYPE_ENDED);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(NameOf(ended->status()), "completed");
  EXPECT_EQ(ended->details().cost().micros(), 8'500);
  // The end in the account's local time was understood.
  EXPECT_LT(absl::AbsDuration(telephony::FromProto(ended->occurred_at()) - absl::Now()), absl::Seconds(15));
  const auto fetched = adapter_->Client().FetchCall(account_, call.external_call_id);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(NameOf(fetched->event.status()), "completed");
  const auto listed = adapter_->Client().ListCalls(
      account_, {.from = kFrom, .to = "+15550100001", .created_since = absl::Now() - absl::Minutes(1)});
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->at(0).external_call_id, call.external_call_id);
}

TEST_F(PlivoAdapterTest, ABulkIsPlacedAndItsWebhooksFindTheirCalls) {
  const auto outcomes = adapter_->Client().PlaceCalls(
      account_, {.bulk_id = kBulkId, .to = {"+15550100050", "+15550100052"}, .options = {.from = kFrom}});
  ASSERT_EQ(outcomes.size(), 2u);
  const auto busy = Await(telephony::CallIdOfBulk(kBulkId, "+15550100050"), events::v1::CALL_EVENT_TYPE_ENDED);
  const auto failed = Await(telephony::CallIdOfBulk(kBulkId, "+15550100052"), events::v1::CALL_EVENT_TYPE_ENDED);
  ASSERT_TRUE(busy.has_value() && failed.has_value());
  EXPECT_EQ(NameOf(busy->status()), "busy");
  EXPECT_EQ(busy->details().external_call_id(), outcomes[0].external_call_id);
  EXPECT_EQ(NameOf(failed->status()), "failed");
}

TEST_F(PlivoAdapterTest, ALiveCallIsListedAndEnded) {
  const providers::LiveCall call = PlaceAnswered();
  const auto listed = adapter_->Client().ListCalls(account_, {});
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(NameOf(listed->at(0).event.status()), "answered");
  EXPECT_TRUE(adapter_->Client().EndCall(account_, call.external_call_id).ok());
  EXPECT_TRUE(adapter_->Client().EndCall(account_, call.external_call_id).ok());
  const auto ended = Await(kCallId, events::v1::CALL_EVENT_TYPE_ENDED);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(NameOf(ended->hangup().cause()), "system_hangup");
}

TEST_F(PlivoAdapterTest, APlanIsChangedPlayedToAndKeyed) {
  const providers::LiveCall call = PlaceAnswered();
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_continue_()->set_step("menu");
  EXPECT_TRUE(adapter_->Controls().Update(account_, call, plan).ok());
  Await(kCallId, events::v1::CALL_EVENT_TYPE_UPDATED);
  {
    const std::lock_guard lock(mutex_);
    EXPECT_THAT(steps_, Contains("menu"));
  }
  EXPECT_TRUE(adapter_->Controls().Play(account_, call, {.url = "", .text = "Hello", .language = ""}).ok());
  EXPECT_TRUE(adapter_->Controls().StopPlaying(account_, call).ok());
  EXPECT_TRUE(adapter_->Controls().SendDigits(account_, call, "1w2").ok());
}

TEST_F(PlivoAdapterTest, ACallJoinsAConferenceAndIsHeld) {
  const providers::LiveCall call = PlaceAnswered();
  EXPECT_EQ(adapter_->Controls().Hold(account_, call, "").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(adapter_->Controls().JoinConference(account_, call, {.name = "room 1"}).ok());
  EXPECT_TRUE(adapter_->Controls().Hold(account_, call, "https://x/m.mp3").ok());
  EXPECT_TRUE(adapter_->Controls().Resume(account_, call).ok());
  Await(kCallId, events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED);
}

TEST_F(PlivoAdapterTest, AMemberOfAPlansConferenceIsHeld) {
  plan_.Clear();
  plan_.add_verbs()->mutable_conference()->set_name("r1");
  plan_.mutable_verbs(0)->mutable_conference()->set_start_on_enter(true);
  const providers::LiveCall call = PlaceAnswered();
  Await(kCallId, events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED);
  EXPECT_TRUE(adapter_->Controls().Hold(account_, call, "").ok());
  EXPECT_TRUE(adapter_->Controls().Resume(account_, call).ok());
}

TEST_F(PlivoAdapterTest, AHoldVerbTellsThatTheCallIsHeld) {
  plan_.Clear();
  plan_.add_verbs()->mutable_hold();
  PlaceAnswered();
  const auto held = Await(kCallId, events::v1::CALL_EVENT_TYPE_HELD);
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(NameOf(held->status()), "on_hold");
}

TEST_F(PlivoAdapterTest, ATransferConnectsTheCustomerWithTheTarget) {
  const providers::LiveCall call = PlaceAnswered();
  EXPECT_TRUE(adapter_->Controls().Transfer(account_, call, {.target = "+15550100003", .caller_id = ""}).ok());
  // The target talks for a while and hangs up, which ends the room.
  const auto ended = Await(kCallId, events::v1::CALL_EVENT_TYPE_ENDED);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(NameOf(ended->hangup().cause()), "system_hangup");
}

TEST_F(PlivoAdapterTest, ADialTellsOfItsLegs) {
  plan_.Clear();
  plan_.add_verbs()->mutable_dial()->add_targets("+15550100004");
  Place("+15550100001");
  const auto dialed = Await(kCallId, events::v1::CALL_EVENT_TYPE_DIALED_LEG_ENDED);
  ASSERT_TRUE(dialed.has_value());
  EXPECT_TRUE(dialed->dialed_leg().bridged());
  const auto leg = Await(dialed->dialed_leg().leg_call_id(), events::v1::CALL_EVENT_TYPE_ENDED);
  ASSERT_TRUE(leg.has_value());
  EXPECT_EQ(leg->details().parent_call_id(), kCallId);
}

TEST_F(PlivoAdapterTest, ARecordingIsStartedStoppedListedFetchedAndDeleted) {
  const providers::LiveCall call = PlaceAnswered();
  providers::RecordingClient& recordings = adapter_->Recordings();
  const auto started = recordings.Start(account_, call);
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_TRUE(recordings.Stop(account_, call, started->external_recording_id()).ok());
  const auto changed = Await(kCallId, events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->details().recording().status(), calls::v1::RECORDING_STATUS_READY);
  const auto listed = recordings.List(account_, call.external_call_id);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_TRUE(recordings.Get(account_, started->external_recording_id()).ok());
  const auto media = testing_support::FetchWhole(recordings, account_, listed->at(0).recording);
  ASSERT_TRUE(media.ok()) << media.status();
  EXPECT_EQ(media->head.content_type, "audio/mpeg");
  EXPECT_TRUE(recordings.Delete(account_, started->external_recording_id()).ok());
  EXPECT_EQ(recordings.Get(account_, started->external_recording_id()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(PlivoAdapterTest, ACallThatIsToBeRecordedIs) {
  plan_.mutable_verbs(0)->mutable_pause()->mutable_length()->set_seconds(5);
  PlaceAnswered(/*record=*/true);
  Await(kCallId, events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
}

TEST_F(PlivoAdapterTest, MachinesAreTold) {
  const DialOutcome outcome = adapter_->Client().PlaceCall(
      account_, {.call_id = kCallId, .to = "+15550100055", .options = {.from = kFrom, .detect_machine = true}});
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced);
  const auto told = Await(kCallId, events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->details().answered_by(), calls::v1::ANSWERED_BY_MACHINE);
}

TEST_F(PlivoAdapterTest, TheAccountIsChecked) {
  EXPECT_TRUE(adapter_->Client().CheckAccount(account_)->empty());
  account_.credentials["auth_token"] = "wrong";
  EXPECT_EQ(adapter_->Client().CheckAccount(account_)->at(0).reason, "CREDENTIALS_REFUSED");
}

}  // namespace
}  // namespace trunkline::twin::plivo
