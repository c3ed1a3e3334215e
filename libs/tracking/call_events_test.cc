// What readings and notifications of a call amount to, after the merge.
#include "libs/tracking/call_events.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/content_hash.h"

namespace trunkline::tracking {
namespace {

using calls::v1::CallRecord;
using events::v1::CallEvent;

const CallPlace kPlace{"retreaver", "0190b2c3-0000-7000-8000-00000000000a"};
const absl::Time kStart = absl::FromUnixSeconds(1'772'460'311);

TrackedCall EndedCall(int64_t revenue, absl::Duration changed_after) {
  TrackedCall call;
  call.external_id = "c1";
  call.caller = Told<std::string>::Of("+12025550143");
  call.buyer_id = Told<std::string>::Of("b1");
  call.started_at = Told<absl::Time>::Of(kStart);
  call.answered_at = Told<absl::Time>::Of(kStart + absl::Seconds(27));
  call.ended_at = Told<absl::Time>::Of(kStart + absl::Seconds(214));
  call.status = calls::v1::CALL_STATUS_COMPLETED;
  call.revenue = Told<int64_t>::Of(revenue);
  call.converted = Told<bool>::Of(revenue > 0);
  call.updated_at = Told<absl::Time>::Of(kStart + changed_after);
  Complete(&call);
  return call;
}

// As the normalizer does: an event counts once, and the calls are merged.
CallRecord Fold(const std::vector<CallEvent>& events) {
  calls::v1::CallState state;
  std::set<std::string> seen;
  for (const CallEvent& event : events) {
    if (seen.insert(event.event_id()).second) telephony::MergeEvent(event, &state);
  }
  return telephony::Project(state);
}

std::vector<CallEvent> Join(std::vector<std::vector<CallEvent>> parts) {
  std::vector<CallEvent> all;
  for (auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::multiset<events::v1::CallEventType> TypesOf(const std::vector<CallEvent>& events) {
  std::set<std::string> seen;
  std::multiset<events::v1::CallEventType> types;
  for (const CallEvent& event : events) {
    if (seen.insert(event.event_id()).second) types.insert(event.type());
  }
  return types;
}

TEST(CallEventsTest, WhatIsReadLongAfterTheEndIsRecoveredUnlessAWebhookAskedForIt) {
  const TrackedCall ended = EndedCall(0, absl::Minutes(4));
  const absl::Time end = *ended.ended_at;
  const auto recovered = [](const std::vector<CallEvent>& events) {
    return std::count_if(events.begin(), events.end(), [](const CallEvent& event) { return event.recovered(); });
  };
  const auto live = EventsOfRecord(kPlace, ended, {.requested_at = end + absl::Minutes(15)});
  EXPECT_EQ(recovered(live), 0);
  const auto late = EventsOfRecord(kPlace, ended, {.requested_at = end + absl::Minutes(15) + absl::Seconds(1)});
  EXPECT_EQ(recovered(late), static_cast<std::ptrdiff_t>(late.size()));
  EXPECT_EQ(late.front().event_id(), live.front().event_id()) << "it is the same fact";
  EXPECT_EQ(recovered(EventsOfRecord(kPlace, ended, {.requested_at = end + absl::Hours(3), .answers_webhook = true})),
            0);
  TrackedCall goes_on = ended;
  goes_on.ended_at = {};
  goes_on.status = calls::v1::CALL_STATUS_ANSWERED;
  EXPECT_EQ(recovered(EventsOfRecord(kPlace, goes_on, {.requested_at = end + absl::Hours(3)})), 0);
}

TEST(CallEventsTest, AStepIsOneEventWhoeverTellsItAndHoweverOften) {
  TrackedCall told;
  told.external_id = "c1";
  const auto notified = EventsOfNotification(kPlace, told, NotifiedEvent::kStarted, "d", kStart + absl::Seconds(1));
  const auto answered = EventsOfNotification(kPlace, told, NotifiedEvent::kAnswered, "e", kStart + absl::Seconds(28));
  const auto first = EventsOfRecord(kPlace, EndedCall(0, absl::Minutes(4)), {.requested_at = kStart + absl::Hours(1)});
  const auto again = EventsOfRecord(kPlace, EndedCall(0, absl::Minutes(4)), {.requested_at = kStart + absl::Hours(2)});
  const auto later = EventsOfRecord(kPlace, EndedCall(5, absl::Hours(3)), {.requested_at = kStart + absl::Hours(4)});
  const auto types = TypesOf(Join({notified, answered, first, again, later}));
  EXPECT_EQ(types.count(events::v1::CALL_EVENT_TYPE_INITIATED), 1);
  EXPECT_EQ(types.count(events::v1::CALL_EVENT_TYPE_ANSWERED), 1);
  EXPECT_EQ(types.count(events::v1::CALL_EVENT_TYPE_ENDED), 1);
  // Two notifications, two versions of the record.
  EXPECT_EQ(types.count(events::v1::CALL_EVENT_TYPE_UPDATED), 4);
}

TEST(CallEventsTest, TheRecordsTimesAreTheCallsTimesWhateverTheEventsSay) {
  TrackedCall told;
  told.external_id = "c1";
  const auto late = EventsOfNotification(kPlace, told, NotifiedEvent::kStarted, "d", kStart + absl::Seconds(3));
  const auto record = EventsOfRecord(kPlace, EndedCall(0, absl::Minutes(4)), {.requested_at = kStart + absl::Hours(1)});
  for (const auto& events : {Join({late, record}), Join({record, late})}) {
    const CallRecord call = Fold(events);
    EXPECT_EQ(telephony::FromProto(call.times().initiated_at()), kStart);
    EXPECT_EQ(telephony::FromProto(call.times().answered_at()), kStart + absl::Seconds(27));
    EXPECT_EQ(telephony::FromProto(call.times().ended_at()), kStart + absl::Seconds(214));
    EXPECT_EQ(call.durations().total().seconds(), 214);
  }
}

TEST(CallEventsTest, WithoutATimeOfChangeTheLaterRequestCounts) {
  TrackedCall before = EndedCall(10, absl::ZeroDuration());
  TrackedCall after = EndedCall(20, absl::ZeroDuration());
  before.updated_at = after.updated_at = {};
  const auto old_reading = EventsOfRecord(kPlace, before, {.requested_at = kStart + absl::Hours(1), .number = 0});
  const auto new_reading = EventsOfRecord(kPlace, after, {.requested_at = kStart + absl::Hours(2), .number = 1});
  for (const auto& events : {Join({old_reading, new_reading}), Join({new_reading, old_reading})}) {
    EXPECT_EQ(Fold(events).details().revenue().micros(), 2000);
  }
  // It changes back: another reading, although it says what the first one said.
  const auto back = EventsOfRecord(kPlace, before, {.requested_at = kStart + absl::Hours(3), .number = 2});
  EXPECT_EQ(Fold(Join({old_reading, new_reading, back})).details().revenue().micros(), 1000);
  // The same page again after a crash: the same reading.
  const auto repeated = EventsOfRecord(kPlace, after, {.requested_at = kStart + absl::Hours(5), .number = 1});
  EXPECT_EQ(TypesOf(Join({new_reading, repeated})), TypesOf(new_reading));
}

TEST(CallEventsTest, ARecordThatSaysNoRevenueTakesItBackButARecordingStays) {
  TrackedCall first = EndedCall(10, absl::Minutes(5));
  first.recording_url = Told<std::string>::Of("https://media.example.com/recording-public?v=v1&k=SECRET");
  TrackedCall second = EndedCall(0, absl::Minutes(9));
  second.revenue = Told<int64_t>::None();
  second.buyer_id = Told<std::string>::None();
  second.recording_url = Told<std::string>::None();
  const auto events = Join({EventsOfRecord(kPlace, second, {.requested_at = kStart + absl::Minutes(10)}),
                            EventsOfRecord(kPlace, first, {.requested_at = kStart + absl::Minutes(6)})});
  const CallRecord call = Fold(events);
  EXPECT_FALSE(call.details().has_revenue());
  EXPECT_FALSE(call.details().has_buyer_id());
  EXPECT_EQ(call.details().recording().url(), "https://media.example.com/recording-public?v=v1&k=REDACTED");
  // Recordings come late; a day after the end there is none.
  second.updated_at = Told<absl::Time>::Of(kStart + absl::Hours(30));
  const CallRecord later =
      Fold(Join({events, EventsOfRecord(kPlace, second, {.requested_at = kStart + absl::Hours(30)})}));
  EXPECT_EQ(later.details().recording().status(), calls::v1::RECORDING_STATUS_ABSENT);
  EXPECT_EQ(later.details().recording().url(), "");
}

TEST(CallEventsTest, OfTheSameVersionTheApiBeatsTheWebhook) {
  TrackedCall told = EndedCall(99, absl::Minutes(5));
  const auto webhook = EventsOfNotification(kPlace, told, NotifiedEvent::kUpdated, "d", kStart + absl::Hours(9));
  const auto api = EventsOfRecord(kPlace, EndedCall(10, absl::Minutes(5)), {.requested_at = kStart + absl::Hours(1)});
  for (const auto& events : {Join({webhook, api}), Join({api, webhook})}) {
    EXPECT_EQ(Fold(events).details().revenue().micros(), 1000);
  }
}

TEST(CallEventsTest, TagsAreKeptUntilAReadingCarriesSome) {
  TrackedCall first = EndedCall(0, absl::Minutes(5));
  first.tags = Told<Tags>::Of({{"geo", "us"}});
  const TrackedCall without = EndedCall(0, absl::Minutes(6));
  TrackedCall empty = EndedCall(0, absl::Minutes(7));
  empty.tags = Told<Tags>::Of({});
  auto events = Join({EventsOfRecord(kPlace, first, {.requested_at = kStart + absl::Hours(1)}),
                      EventsOfRecord(kPlace, without, {.requested_at = kStart + absl::Hours(1)})});
  EXPECT_EQ(Fold(events).details().tracking_tags().values().at("geo"), "us");
  events = Join({events, EventsOfRecord(kPlace, empty, {.requested_at = kStart + absl::Hours(1)})});
  EXPECT_TRUE(Fold(events).details().tracking_tags().values().empty());
}

// Any history of a call, told by any mix of readings and notifications, in any order and any number of times, gives
// what its latest version says.
TEST(CallEventsPropertyTest, AnyOrderWithAnyRepetitionGivesTheLatestVersion) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](uint32_t bound) { return random() % bound; };
    std::vector<std::vector<CallEvent>> parts;
    TrackedCall latest;
    const uint32_t versions = 1 + below(5);
    for (uint32_t v = 0; v < versions; ++v) {
      TrackedCall call = EndedCall(below(3) * 10'000, absl::Minutes(4) + absl::Seconds(v + 1));
      if (below(3) == 0) call.revenue = Told<int64_t>::None();
      if (below(3) == 0) call.buyer_id = Told<std::string>::None();
      if (below(4) == 0) call.status = calls::v1::CALL_STATUS_MISSED;
      if (below(4) == 0) call.answered_at = Told<absl::Time>::None();
      call.tags = Told<Tags>::Of({{"v", Concat(below(3))}});
      latest = call;
      const auto read_at = kStart + absl::Hours(1) + absl::Seconds(below(1000));
      parts.push_back(EventsOfRecord(kPlace, call, {.requested_at = read_at}));
      TrackedCall told;
      told.external_id = "c1";
      told.revenue = Told<int64_t>::Of(777);
      told.buyer_id = Told<std::string>::Of("notified");
      if (below(2) == 0) told.status = calls::v1::CALL_STATUS_FAILED;
      parts.push_back(EventsOfNotification(kPlace, told, static_cast<NotifiedEvent>(below(8)), Concat("d", v),
                                           kStart + absl::Hours(below(99))));
    }
    std::vector<CallEvent> events = Join(parts);
    for (size_t i = 0; i < 5; ++i) events.push_back(events[below(static_cast<uint32_t>(events.size()))]);
    std::shuffle(events.begin(), events.end(), random);
    const CallRecord call = Fold(events);
    ASSERT_EQ(call.status(), *latest.status) << seed;
    ASSERT_EQ(call.details().has_revenue(), latest.revenue.has_value()) << seed;
    ASSERT_EQ(call.details().revenue().micros(), latest.revenue.value.value_or(0) * 100) << seed;
    ASSERT_EQ(call.details().buyer_id(), latest.buyer_id.value.value_or("")) << seed;
    ASSERT_EQ(call.details().converted(), *latest.converted) << seed;
    ASSERT_EQ(call.times().has_answered_at(), latest.answered_at.has_value()) << seed;
    ASSERT_EQ(call.details().tracking_tags().values().at("v"), (*latest.tags).at("v")) << seed;
    ASSERT_EQ(call.details().record_hash(), ContentHash(kPlace.platform, latest)) << seed;
  }
}

TEST(CompleteTest, SmallDisordersAreMendedAndLargeOnesRemarked) {
  TrackedCall call = EndedCall(0, absl::Minutes(5));
  call.answered_at = Told<absl::Time>::Of(kStart - absl::Seconds(2));
  Complete(&call);
  EXPECT_EQ(*call.answered_at, kStart);
  call.ended_at = Told<absl::Time>::Of(kStart - absl::Hours(1));
  Complete(&call);
  EXPECT_EQ(*call.ended_at, kStart - absl::Hours(1));
  ASSERT_EQ(call.remarks.size(), 1);
  EXPECT_EQ(call.remarks[0].kind, Remark::Kind::kTimeOrder);
}

// What the synchronization finds out is a fact of the version that it knew: whatever order it arrives in, it has the
// last word over that version and none over a later one.
class KnownRecordTest : public testing::Test {
 protected:
  std::vector<CallEvent> Read(const TrackedCall& call, absl::Time requested_at) const {
    return EventsOfRecord(kPlace, call, {.requested_at = requested_at});
  }
  KnownRecord Known(const TrackedCall& call) const {
    return {.external_id = call.external_id, .version = *call.updated_at, .started_at = *call.started_at};
  }
  TrackedCall LiveCall() const {
    TrackedCall call = EndedCall(0, absl::Minutes(1));
    call.status = calls::v1::CALL_STATUS_ANSWERED;
    call.ended_at = Told<absl::Time>::None();
    return call;
  }
  // In every order.
  void ExpectInAnyOrder(std::vector<CallEvent> events, const std::function<void(const CallRecord&)>& expect) {
    std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.event_id() < b.event_id(); });
    std::mt19937 random(7);
    for (int i = 0; i < 50; ++i) {
      std::shuffle(events.begin(), events.end(), random);
      expect(Fold(events));
    }
  }
};

TEST_F(KnownRecordTest, AStaleCallIsFailedUntilThePlatformSaysHowItEnded) {
  const TrackedCall live = LiveCall();
  std::vector<CallEvent> events = Read(live, kStart + absl::Hours(30));
  events.push_back(EventOfStaleCall(kPlace, Known(live), kStart + absl::Hours(31)));
  ExpectInAnyOrder(events, [](const CallRecord& record) {
    EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_FAILED);
    EXPECT_EQ(record.details().status_reason(), "stale_live");
    EXPECT_EQ(telephony::FromProto(record.times().ended_at()), kStart + absl::Hours(31));
  });
  // By its own clock it ended before we closed it.
  for (CallEvent& event : Read(EndedCall(100, absl::Minutes(5)), kStart + absl::Hours(40))) events.push_back(event);
  ExpectInAnyOrder(events, [](const CallRecord& record) {
    EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_COMPLETED);
    EXPECT_EQ(telephony::FromProto(record.times().ended_at()), kStart + absl::Seconds(214));
    EXPECT_EQ(record.details().revenue().micros(), 10'000);
  });
}

TEST_F(KnownRecordTest, ALostRecordIsDeletedUntilItIsFoundAgain) {
  const TrackedCall call = EndedCall(100, absl::Minutes(5));
  std::vector<CallEvent> events = Read(call, kStart + absl::Hours(1));
  events.push_back(EventOfLostRecord(kPlace, Known(call), kStart + absl::Hours(2)));
  ExpectInAnyOrder(events, [](const CallRecord& record) {
    EXPECT_EQ(telephony::FromProto(record.details().record_deleted_at()), kStart + absl::Hours(2));
    EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_COMPLETED) << "how it ended does not change";
  });
  events.push_back(EventOfFoundRecord(kPlace, Known(call), kStart + absl::Hours(3)));
  ExpectInAnyOrder(events, [](const CallRecord& record) { EXPECT_FALSE(record.details().has_record_deleted_at()); });
  events.push_back(EventOfLostRecord(kPlace, Known(call), kStart + absl::Hours(4)));
  ExpectInAnyOrder(events, [](const CallRecord& record) { EXPECT_TRUE(record.details().has_record_deleted_at()); });
}

}  // namespace
}  // namespace trunkline::tracking
