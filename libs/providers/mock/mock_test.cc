// The provider in time that the test moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "libs/base/text.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/mock_provider.h"
#include "libs/providers/provider_status.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/fetch_whole.h"

namespace trunkline::providers::mock {
namespace {

using events::v1::CallEvent;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kCall[] = "0190b2c3-0000-7000-8000-000000000002";

// Gives prepared plans at once, by step.
class PreparedPlans final : public PlanSource {
 public:
  explicit PreparedPlans(std::map<std::string, plans::v1::CallPlan> plans, Timer& timer)
      : plans_(std::move(plans)), timer_(timer) {}

  void Ask(PlanQuestion question, Answer answer) override {
    const auto plan = plans_.find(question.step);
    absl::StatusOr<plans::v1::CallPlan> given = absl::NotFoundError("no such step");
    if (plan != plans_.end()) given = plan->second;
    timer_.After(absl::ZeroDuration(), [given, answer] { answer(given); });
  }

 private:
  std::map<std::string, plans::v1::CallPlan> plans_;
  Timer& timer_;
};

// Keeps what a link tells.
class Listener final : public LinkSink {
 public:
  void OnMessage(webhooks::v1::RawWebhook message) override {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    changed_.notify_all();
  }
  void OnLiveCalls(const std::vector<ProviderCall>& live, absl::Time) override {
    const std::lock_guard lock(mutex_);
    live_ = live;
    told_live_ = true;
    changed_.notify_all();
  }
  void OnState(const absl::Status& state) override { EXPECT_TRUE(state.ok()); }

  std::vector<ProviderCall> WaitForLiveCalls() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return told_live_; }));
    return live_;
  }

  // The events once there are so many messages.
  std::vector<CallEvent> WaitForEvents(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return messages_.size() >= count; }));
    std::vector<CallEvent> events;
    for (const auto& message : messages_) {
      const auto mapped = Mapper().Map(message);
      EXPECT_TRUE(mapped.ok()) << mapped.status();
      if (mapped.ok()) events.insert(events.end(), mapped->begin(), mapped->end());
    }
    return events;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<webhooks::v1::RawWebhook> messages_;
  std::vector<ProviderCall> live_;
  bool told_live_ = false;
};

std::vector<std::string> TypesOf(const std::vector<CallEvent>& events) {
  std::vector<std::string> types;
  for (const CallEvent& event : events) types.push_back(telephony::NameOf(event.type()));
  return types;
}

calls::v1::CallRecord RecordOf(const std::vector<CallEvent>& events) {
  calls::v1::CallState state;
  for (const CallEvent& event : events) telephony::Merge(telephony::Lift(event), &state);
  return telephony::Project(state);
}

class MockTest : public testing::Test {
 protected:
  MockTest() {
    auto timer = std::make_unique<ManualTimer>(absl::FromUnixSeconds(1'772'528'400));
    timer_ = timer.get();
    plans::v1::CallPlan start;
    auto& gather = *start.add_verbs()->mutable_gather();
    gather.set_step("menu");
    gather.set_max_digits(2);
    plans::v1::CallPlan menu;
    menu.add_verbs()->mutable_say()->set_text("Goodbye.");
    std::map<std::string, plans::v1::CallPlan> plans = {{"", start}, {"menu", menu}};
    provider_ = std::make_unique<MockProvider>(std::move(timer), std::make_unique<PreparedPlans>(plans, *timer_));
    link_ = provider_->OpenLink(account_, listener_);
  }

  LiveCall Place(std::string_view to, DialOptions options = {}) {
    options.from = "+15550109999";
    const DialOutcome outcome =
        provider_->Client().PlaceCall(account_, {.call_id = kCall, .to = std::string(to), .options = options});
    return {.call_id = kCall, .external_call_id = outcome.external_call_id};
  }

  LiveCall Answered() {
    const LiveCall call = Place("+15550100040");
    timer_->Advance(absl::Seconds(4));
    return call;
  }

  Account account_{.id = "0190b2c3-0000-7000-8000-000000000001", .provider = "mock"};
  ManualTimer* timer_ = nullptr;
  Listener listener_;
  std::unique_ptr<MockProvider> provider_;
  std::unique_ptr<EventLink> link_;
};

TEST_F(MockTest, AnAnsweredCallTellsItsWholeLife) {
  Place("+15550100005");
  timer_->Advance(absl::Minutes(10));
  const auto events = listener_.WaitForEvents(4);
  EXPECT_THAT(TypesOf(events), ElementsAre("initiated", "ringing", "answered", "ended"));
  const auto record = RecordOf(events);
  EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(record.hangup().source(), calls::v1::HANGUP_SOURCE_CALLEE);
  EXPECT_EQ(record.durations().talk().seconds(), 15);
  EXPECT_EQ(record.details().cost().micros(), 10'000);
  EXPECT_EQ(record.details().provider(), "mock");
}

TEST_F(MockTest, TheNumberDecidesTheEnd) {
  const std::map<std::string, calls::v1::CallStatus> ends = {{"50", calls::v1::CALL_STATUS_BUSY},
                                                             {"51", calls::v1::CALL_STATUS_NO_ANSWER},
                                                             {"52", calls::v1::CALL_STATUS_FAILED},
                                                             {"54", calls::v1::CALL_STATUS_BUSY},
                                                             {"62", calls::v1::CALL_STATUS_COMPLETED}};
  for (const auto& [digits, status] : ends) {
    const LiveCall call = Place(Concat("+155501000", digits));
    timer_->Advance(absl::Minutes(10));
    const auto fetched = provider_->Client().FetchCall(account_, call.external_call_id);
    ASSERT_TRUE(fetched.ok());
    EXPECT_EQ(fetched->event.status(), status) << digits;
  }
}

TEST_F(MockTest, PlansArePlayedStepByStep) {
  account_.credentials["webhook_secret"] = "secret";
  Place("+15550100001");
  timer_->Advance(absl::Minutes(10));
  const auto events = listener_.WaitForEvents(5);
  EXPECT_THAT(TypesOf(events), ElementsAre("initiated", "ringing", "answered", "digits_received", "ended"));
  EXPECT_EQ(events[3].digits().digits(), "12");
  EXPECT_EQ(events[4].hangup().cause(), calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP);
}

TEST_F(MockTest, TimeScaleMakesCallsFaster) {
  account_.settings["time_scale"] = "0.01";
  Place("+15550100000");
  timer_->Advance(absl::Seconds(1));
  EXPECT_EQ(RecordOf(listener_.WaitForEvents(4)).durations().talk().seconds(), 10);
}

TEST_F(MockTest, HoldAndResumeAreToldOnce) {
  const LiveCall call = Answered();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(provider_->Controls().Hold(account_, call, "")->provider_tells);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(provider_->Controls().Resume(account_, call).ok());
  EXPECT_THAT(TypesOf(listener_.WaitForEvents(5)), ElementsAre("initiated", "ringing", "answered", "held", "resumed"));
}

TEST_F(MockTest, AttendedTransferIsCompletedOrCanceled) {
  const LiveCall call = Answered();
  CallControls& controls = provider_->Controls();
  EXPECT_EQ(controls.CompleteTransfer(account_, call).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(controls.Transfer(account_, call, {.target = "+15550100001", .attended = true}).ok());
  EXPECT_TRUE(controls.CancelTransfer(account_, call).ok());
  EXPECT_TRUE(controls.Transfer(account_, call, {.target = "+15550100001", .attended = true}).ok());
  EXPECT_TRUE(controls.CompleteTransfer(account_, call).ok());
  timer_->Advance(absl::Minutes(1));
  EXPECT_THAT(TypesOf(listener_.WaitForEvents(8)),
              ElementsAre("initiated", "ringing", "answered", "held", "resumed", "held", "transferred", "ended"));
}

TEST_F(MockTest, BlindTransferTalksWithTheTarget) {
  const LiveCall call = Answered();
  EXPECT_TRUE(provider_->Controls().Transfer(account_, call, {.target = "+15550100001"}).ok());
  timer_->Advance(absl::Minutes(1));
  EXPECT_THAT(TypesOf(listener_.WaitForEvents(5)),
              ElementsAre("initiated", "ringing", "answered", "transferred", "ended"));
}

TEST_F(MockTest, EndedAndUnknownCallsCannotBeControlled) {
  const LiveCall call = Answered();
  EXPECT_TRUE(provider_->Client().EndCall(account_, call.external_call_id).ok());
  EXPECT_TRUE(provider_->Client().EndCall(account_, call.external_call_id).ok());
  const absl::Status ended = provider_->Controls().Hold(account_, call, "").status();
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CallErrorOf(ended)->code(), calls::v1::CALL_ERROR_CODE_WRONG_STATE);
  EXPECT_EQ(provider_->Controls().Hold(account_, {.external_call_id = "MKx"}, "").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(MockTest, RecordingsAreMadeAndDeleted) {
  const LiveCall call = Answered();
  RecordingClient& recordings = provider_->Recordings();
  const auto started = recordings.Start(account_, call);
  ASSERT_TRUE(started.ok());
  EXPECT_FALSE(testing_support::FetchWhole(recordings, account_, *started).ok());
  EXPECT_EQ(recordings.Delete(account_, started->external_recording_id()).code(),
            absl::StatusCode::kFailedPrecondition);
  timer_->Advance(absl::Seconds(3));
  EXPECT_TRUE(recordings.Stop(account_, call, "").ok());
  timer_->Advance(absl::Seconds(3));
  const auto ready = recordings.Get(account_, started->external_recording_id());
  ASSERT_TRUE(ready.ok());
  EXPECT_EQ(ready->recording.status(), calls::v1::RECORDING_STATUS_READY);
  EXPECT_EQ(ready->recording.duration().seconds(), 3);
  EXPECT_TRUE(testing_support::FetchWhole(recordings, account_, ready->recording)->bytes.starts_with("RIFF"));
  EXPECT_THAT(*recordings.List(account_, call.external_call_id), SizeIs(1));
  EXPECT_TRUE(recordings.Delete(account_, started->external_recording_id()).ok());
  EXPECT_THAT(*recordings.List(account_, call.external_call_id), IsEmpty());
}

TEST_F(MockTest, InboundCallIsAnsweredWithAPlan) {
  const std::string id = provider_->ReceiveCall(account_, {.from = "+15550100001", .to = "+15550109999"});
  const LiveCall call{.external_call_id = id};
  EXPECT_FALSE(provider_->Controls().Hold(account_, call, "").ok());
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text("Hello.");
  EXPECT_TRUE(provider_->Controls().Answer(account_, call, plan).ok());
  timer_->Advance(absl::Minutes(1));
  const auto events = listener_.WaitForEvents(3);
  EXPECT_THAT(TypesOf(events), ElementsAre("ringing", "answered", "ended"));
  EXPECT_EQ(RecordOf(events).details().direction(), calls::v1::CALL_DIRECTION_INBOUND);
}

TEST_F(MockTest, InboundCallThatNobodyAnswersIsAbandoned) {
  provider_->ReceiveCall(account_, {.from = "+15550100001", .to = "+15550109999", .patience = absl::Seconds(20)});
  timer_->Advance(absl::Minutes(1));
  EXPECT_EQ(RecordOf(listener_.WaitForEvents(2)).status(), calls::v1::CALL_STATUS_ABANDONED);
}

TEST_F(MockTest, ALinkBeginsWithWhatIsLive) {
  const LiveCall call = Answered();
  Listener second;
  const auto link = provider_->OpenLink(account_, second);
  const auto live = second.WaitForLiveCalls();
  ASSERT_THAT(live, SizeIs(1));
  EXPECT_EQ(live[0].external_call_id, call.external_call_id);
  EXPECT_EQ(live[0].call_id, kCall);
  EXPECT_EQ(live[0].event.status(), calls::v1::CALL_STATUS_ANSWERED);
}

TEST_F(MockTest, OtherAccountsSeeNothing) {
  const LiveCall call = Answered();
  Account other = account_;
  other.id = "0190b2c3-0000-7000-8000-000000000009";
  EXPECT_THAT(*provider_->Client().ListCalls(other, {}), IsEmpty());
  EXPECT_EQ(provider_->Client().EndCall(other, call.external_call_id).code(), absl::StatusCode::kNotFound);
}

TEST_F(MockTest, WrongSettingsAreNamed) {
  account_.settings = {{"time_scale", "fast"}, {"colour", "red"}};
  std::vector<std::string> fields;
  for (const AccountProblem& problem : provider_->CheckForm(account_)) fields.push_back(problem.field);
  EXPECT_THAT(fields, ElementsAre("settings.colour", "settings.time_scale"));
}

TEST_F(MockTest, MessagesThatAreNoNewsAreRefused) {
  for (const char* body : {"", "{", "[]", "{}", R"({"call_id":"x"})", R"({"type":"NO_SUCH_TYPE"})"}) {
    webhooks::v1::RawWebhook raw;
    raw.mutable_link()->set_body(body);
    EXPECT_EQ(Mapper().Map(raw).status().code(), absl::StatusCode::kInvalidArgument) << body;
  }
}

TEST_F(MockTest, OnlyTheSecretOpensTheReceiver) {
  account_.credentials["webhook_secret"] = "secret";
  WebhookRequest request{.method = "POST",
                         .url = Concat("http://h/telephony/webhook/mock/voice?account=", account_.id)};
  request.body = R"({"call":"MK1"})";
  EXPECT_EQ(provider_->Receiver().Verify(request, account_).message(), "SIGNATURE_MISSING");
  request.headers = {{"x-mock-signature", SignatureOf("other", request.url, request.body)}};
  EXPECT_EQ(provider_->Receiver().Verify(request, account_).message(), "SIGNATURE_MISMATCH");
  request.headers = {{"x-mock-signature", SignatureOf("secret", request.url, request.body)}};
  EXPECT_TRUE(provider_->Receiver().Verify(request, account_).ok());
  account_.credentials.clear();
  EXPECT_FALSE(provider_->Receiver().Verify(request, account_).ok());
}

TEST(ThreadTimerTest, RunsTasksInOrderAndNoneAfterItsEnd) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> ran;
  ThreadTimer timer;
  for (const int i : {2, 1}) {
    timer.After(absl::Milliseconds(5 * i), [&, i] {
      const std::lock_guard lock(mutex);
      ran.push_back(i);
      changed.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return ran.size() == 2; }));
  EXPECT_THAT(ran, ElementsAre(1, 2));
  lock.unlock();
  timer.Stop();
  timer.After(absl::ZeroDuration(), [&] { ran.push_back(3); });
  EXPECT_THAT(ran, SizeIs(2));
}

}  // namespace
}  // namespace trunkline::providers::mock
