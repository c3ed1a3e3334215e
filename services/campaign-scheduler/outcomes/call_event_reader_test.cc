// Against the embedded broker; the tables and the gateway are models.
#include "services/campaign-scheduler/outcomes/call_event_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <optional>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/testing/fake_outcomes.h"
#include "tests/support/environment.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr char kCalledBusiness[] = "0190b2c3-0000-7000-8000-00000000000b";

std::string Attempt(int number) { return UuidOfName("attempt", Concat(number)); }

events::v1::CallEvent Event(int attempt, calls::v1::CallStatus status) {
  events::v1::CallEvent event;
  event.set_call_id(UuidOfName("call", Concat(attempt)));
  event.set_business_id(kCalledBusiness);
  *event.mutable_occurred_at() = telephony::ToProto(absl::FromUnixSeconds(1'780'000'000));
  event.mutable_call()->set_status(status);
  event.mutable_call()->mutable_details()->set_attempt_id(Attempt(attempt));
  return event;
}

events::v1::CallEvent MachinePicksUp(int attempt) {
  events::v1::CallEvent event = Event(attempt, calls::v1::CALL_STATUS_ANSWERED);
  event.set_type(events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED);
  event.mutable_call()->mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_MACHINE);
  return event;
}

class CallEventReaderTest : public testing::Test {
 protected:
  CallEventReaderTest() {
    EXPECT_TRUE(kafka::CreateTopics({.bootstrap = bootstrap_, .partitions = 1}, topics_).ok());
    AttemptPlan plan;
    plan.settings.set_machine_policy(v1::MACHINE_POLICY_HANG_UP);
    store_.AddPlan(kCalledBusiness, Attempt(9), std::move(plan));
  }

  void Send(const std::string& value) {
    std::mutex mutex;
    std::condition_variable told;
    std::optional<absl::Status> delivered;
    ASSERT_TRUE(producer_
                    ->Send({.topic = topics_.call_events, .key = "call", .value = value, .headers = {}},
                           [&](absl::Status status) {
                             const std::lock_guard lock(mutex);
                             delivered = std::move(status);
                             told.notify_one();
                           })
                    .ok());
    std::unique_lock lock(mutex);
    told.wait(lock, [&] { return delivered.has_value(); });
    ASSERT_TRUE(delivered->ok()) << *delivered;
  }
  void Send(const events::v1::CallEvent& event) { Send(event.SerializeAsString()); }

  std::unique_ptr<CallEventReader> Read() {
    return std::make_unique<CallEventReader>(
        CallEventReader::Options{.bootstrap = bootstrap_, .topic = topics_.call_events, .group = prefix_ + "group"},
        store_, machines_, metrics_);
  }

  const std::string bootstrap_ = testing_support::EmbeddedKafka();
  const std::string prefix_ = NewUuid(absl::Now()) + ".";
  const kafka::Topics topics_{prefix_};
  std::unique_ptr<kafka::Producer> producer_ = *kafka::Producer::Start({.bootstrap = bootstrap_});
  FakeOutcomeStore store_;
  FakeGateway gateway_;
  metrics::Registry registry_;
  SchedulerMetrics metrics_{registry_};
  MachineAnswers machines_{store_, gateway_, metrics_};
};

TEST_F(CallEventReaderTest, WhatEndsAnAttemptIsKeptAndTheRestIsPassedOver) {
  Send(Event(1, calls::v1::CALL_STATUS_COMPLETED));
  Send(Event(2, calls::v1::CALL_STATUS_RINGING));
  Send(std::string("\xff\xff no event at all"));
  Send(std::string());
  Send(Event(3, calls::v1::CALL_STATUS_BUSY));
  const auto reader = Read();
  ASSERT_TRUE(store_.AwaitKept(2, kPatience));
  EXPECT_THAT(store_.kept(), UnorderedElementsAre(Attempt(1), Attempt(3)));
  EXPECT_TRUE(reader->status().ok()) << reader->status();
}

TEST_F(CallEventReaderTest, WithoutTheDatabaseNothingIsLostAndWhatWasKeptIsNotReadAgain) {
  store_.Answer(absl::UnavailableError("the server is restarted"));
  Send(Event(1, calls::v1::CALL_STATUS_COMPLETED));
  {
    const auto reader = Read();
    ASSERT_TRUE(store_.AwaitRefused(2, kPatience)) << "it is tried again";
    EXPECT_THAT(store_.kept(), IsEmpty());
    store_.Answer(absl::OkStatus());
    ASSERT_TRUE(store_.AwaitKept(1, kPatience));
  }
  Send(Event(2, calls::v1::CALL_STATUS_COMPLETED));
  const auto another = Read();
  ASSERT_TRUE(store_.AwaitKept(2, kPatience));
  EXPECT_THAT(store_.kept(), ElementsAre(Attempt(1), Attempt(2)));
}

TEST_F(CallEventReaderTest, WhatAReaderCouldNotKeepAtItsEndIsReadByTheNext) {
  store_.Answer(absl::UnavailableError("the server is restarted"));
  Send(Event(1, calls::v1::CALL_STATUS_COMPLETED));
  {
    const auto reader = Read();
    ASSERT_TRUE(store_.AwaitRefused(1, kPatience));
  }
  store_.Answer(absl::OkStatus());
  const auto next = Read();
  ASSERT_TRUE(store_.AwaitKept(1, kPatience));
  EXPECT_THAT(store_.kept(), ElementsAre(Attempt(1)));
}

TEST_F(CallEventReaderTest, AMachineThatPicksUpIsDealtWithBesideTheOutcomes) {
  gateway_.Answer(absl::UnavailableError("away"));
  Send(MachinePicksUp(9));
  Send(Event(1, calls::v1::CALL_STATUS_COMPLETED));
  const auto reader = Read();
  ASSERT_TRUE(store_.AwaitKept(1, kPatience)) << "outcomes do not wait for a gateway that is away";
  EXPECT_THAT(gateway_.done(), ElementsAre(HasSubstr("end")));
}

TEST_F(CallEventReaderTest, WithoutKafkaItEndsSoon) {
  const absl::Time began = absl::Now();
  { const CallEventReader reader({.bootstrap = "127.0.0.1:1", .topic = "topic"}, store_, machines_, metrics_); }
  EXPECT_LT(absl::Now() - began, absl::Seconds(10));
}

}  // namespace
}  // namespace trunkline::scheduler
