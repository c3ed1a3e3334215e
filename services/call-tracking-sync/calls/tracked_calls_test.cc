#include "services/call-tracking-sync/calls/tracked_calls.h"

#include <atomic>
#include <thread>

#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "services/call-tracking-sync/calls/platform_commands.h"
#include "services/call-tracking-sync/testing/memory_fixture.h"
#include "tests/support/environment.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// One replica.
struct Replica {
  Replica(postgres::Pool& pool, const std::string& url, const tracking::Registry& platforms, const Clock& clock)
      : memory({.most = 100}, clock),
        notices(url, kWorkChannel, nullptr),
        commands(pool, notices, system_clock, {.look = absl::Milliseconds(50)}),
        calls(pool, platforms, memory, commands, {}) {}

  SystemClock system_clock;
  CallMemory memory;
  Notices notices;
  PlatformCommands commands;
  TrackedCalls calls;
};

class TrackedCallsTest : public MemoryFixture {
 protected:
  static tracking::v1::GetTrackedCallRequest ByExternalId(const std::string& id) {
    tracking::v1::GetTrackedCallRequest request;
    request.set_provider_account_id(kAccount);
    request.set_external_call_id(id);
    return request;
  }
  std::string CallId(const std::string& id) const {
    return tracking::CallPlace{.platform = kMemoryPlatform, .account_id = kAccount}.CallIdOf(id);
  }
  // The owner of the account at work, on a thread of its own, until it has done `commands` commands.
  std::jthread Owner(int commands) {
    return std::jthread([this, commands](const std::stop_token& stop) {
      SystemClock clock;
      CommandRunner runner(worker_pool_, clock, {});
      for (int done = 0; done < commands && !stop.stop_requested();) {
        const absl::StatusOr<bool> worked = runner.WorkOn(Work());
        EXPECT_TRUE(worked.ok()) << worked.status();
        if (worked.value_or(false)) ++done;
      }
    });
  }

  Replica replica_{pool_, database_.UrlOf("trunkline_tracking"), platforms_, clock_};
};

TEST_F(TrackedCallsTest, MemoryThenDatabaseThenPlatform) {
  replica_.memory.Follow();
  PutHere(MakeCall("C1", absl::Hours(3)));
  client().calls["C2"] = MakeCall("C2", absl::Hours(3));
  auto call = replica_.calls.Get(Us(), ByExternalId("C1"), absl::Seconds(20));
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->source(), tracking::v1::READ_SOURCE_DATABASE);
  EXPECT_EQ(call->call().details().revenue().micros(), 32'500'000);
  call = replica_.calls.Get(Us(), ByExternalId("C1"), absl::Seconds(20));
  EXPECT_EQ(call->source(), tracking::v1::READ_SOURCE_MEMORY);
  EXPECT_EQ(replica_.memory.counts().hits, 1);

  const std::jthread owner = Owner(1);
  call = replica_.calls.Get(Us(), ByExternalId("C2"), absl::Seconds(20));
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->source(), tracking::v1::READ_SOURCE_PLATFORM);
  EXPECT_EQ(call->call().call_id(), CallId("C2"));
  EXPECT_THAT(sent_, ElementsAre("C2"));
}

TEST_F(TrackedCallsTest, WhatNobodyKnowsIsNotFoundAndWhatTakesTooLongIsTold) {
  auto request = ByExternalId("C9");
  request.set_only_here(true);
  EXPECT_EQ(ReasonOf(replica_.calls.Get(Us(), request, absl::Seconds(20)).status()), Reason::REASON_CALL_NOT_FOUND);
  EXPECT_EQ(replica_.calls.Get(Us(), ByExternalId("C9"), absl::Milliseconds(100)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  const std::jthread owner = Owner(1);
  EXPECT_EQ(ReasonOf(replica_.calls.Get(Us(), ByExternalId("C9"), absl::Seconds(20)).status()),
            Reason::REASON_CALL_NOT_FOUND);
}

TEST_F(TrackedCallsTest, AnotherBusinessSeesNothing) {
  replica_.memory.Follow();
  PutHere(MakeCall("C1", absl::Hours(3)));
  ASSERT_TRUE(replica_.calls.Get(Us(), ByExternalId("C1"), absl::Seconds(20)).ok());
  EXPECT_EQ(replica_.calls.Get(Them(), ByExternalId("C1"), absl::Seconds(20)).status().code(),
            absl::StatusCode::kNotFound);
  tracking::v1::UpdateTrackedCallRequest update;
  update.set_call_id(CallId("C1"));
  update.set_converted(true);
  EXPECT_EQ(ReasonOf(replica_.calls.Update(Them(), update, absl::Seconds(20)).status()), Reason::REASON_CALL_NOT_FOUND);
}

TEST_F(TrackedCallsTest, AnUpdateIsMadeAtThePlatformAndItsRecordIsSentOn) {
  PutHere(MakeCall("C1", absl::Hours(3)));
  client().calls["C1"] = MakeCall("C1", absl::Hours(3));
  tracking::v1::UpdateTrackedCallRequest update;
  update.set_call_id(CallId("C1"));
  update.mutable_revenue()->set_micros(40'000'000);
  const std::jthread owner = Owner(1);
  const auto outcome = replica_.calls.Update(Us(), update, absl::Seconds(20));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_THAT(outcome->done(), ElementsAre("money"));
  ASSERT_THAT(client().updates, SizeIs(1));
  EXPECT_EQ(client().updates[0].second.revenue, 400'000);
  EXPECT_THAT(sent_, ElementsAre("C1"));
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE action = 'tracking_call.update'"), 1);
  update.mutable_revenue()->set_micros(40'000'001);
  EXPECT_EQ(ReasonOf(replica_.calls.Update(Us(), update, absl::Seconds(20)).status()), Reason::REASON_INVALID_FIELD);
}

TEST_F(TrackedCallsTest, ARangeIsWarmedNewestFirst) {
  replica_.memory.Follow();
  for (int i = 0; i < 150; ++i) PutHere(MakeCall(Concat("C", i), absl::Minutes(10 * i + 10)));
  tracking::v1::WarmTrackedCallsRequest request;
  *request.mutable_range_start() = telephony::ToProto(clock_.Now() - absl::Hours(48));
  *request.mutable_range_end() = telephony::ToProto(clock_.Now());
  const auto warmed = replica_.calls.Warm(kOurs, request);
  ASSERT_TRUE(warmed.ok()) << warmed.status();
  EXPECT_EQ(warmed->calls(), 150);
  EXPECT_EQ(replica_.memory.counts().entries, 100);
}

TEST_F(TrackedCallsTest, NothingIsKeptBeforeTheEventsAreFollowed) {
  PutHere(MakeCall("C1", absl::Hours(3)));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(replica_.calls.Get(Us(), ByExternalId("C1"), absl::Seconds(20))->source(),
              tracking::v1::READ_SOURCE_DATABASE);
  }
}

// An event, whoever caused it, reaches every replica.
TEST_F(TrackedCallsTest, AnEventMakesEveryReplicaForgetTheCall) {
  const std::string bootstrap = testing_support::EmbeddedKafka();
  const kafka::Topics topics(Concat("tracked-calls-", NewId(), "."));
  ASSERT_TRUE(kafka::CreateTopics({.bootstrap = bootstrap}, topics).ok());
  Replica another(pool_, database_.UrlOf("trunkline_tracking"), platforms_, clock_);
  CallMemoryFeed feed({.bootstrap = bootstrap, .topic = topics.call_events}, replica_.memory);
  CallMemoryFeed other_feed({.bootstrap = bootstrap, .topic = topics.call_events}, another.memory);
  while (!replica_.memory.is_followed() || !another.memory.is_followed()) std::this_thread::yield();

  tracking::TrackedCall call = MakeCall("C1", absl::Hours(3));
  PutHere(call);
  for (Replica* replica : {&replica_, &another}) {
    ASSERT_TRUE(replica->calls.Get(Us(), ByExternalId("C1"), absl::Seconds(20)).ok());
    ASSERT_EQ(replica->calls.Get(Us(), ByExternalId("C1"), absl::Seconds(20))->source(),
              tracking::v1::READ_SOURCE_MEMORY);
  }
  call.revenue.value = 990'000;
  PutHere(call);
  events::v1::CallEvent event;
  event.set_business_id(kOurs);
  event.set_call_id(CallId("C1"));
  const auto producer = kafka::Producer::Start({.bootstrap = bootstrap});
  ASSERT_TRUE(producer.ok()) << producer.status();
  std::atomic<bool> delivered = false;
  ASSERT_TRUE(
      (*producer)
          ->Send(
              {.topic = topics.call_events, .key = event.call_id(), .value = event.SerializeAsString(), .headers = {}},
              [&](const absl::Status& status) {
                EXPECT_TRUE(status.ok()) << status;
                delivered = true;
              })
          .ok());
  while (!delivered) std::this_thread::yield();
  for (Replica* replica : {&replica_, &another}) {
    while (replica->memory.counts().forgotten == 0) std::this_thread::yield();
    const auto read = replica->calls.Get(Us(), ByExternalId("C1"), absl::Seconds(20));
    EXPECT_EQ(read->source(), tracking::v1::READ_SOURCE_DATABASE);
    EXPECT_EQ(read->call().details().revenue().micros(), 99'000'000);
  }
}

}  // namespace
}  // namespace trunkline::tracking_sync
