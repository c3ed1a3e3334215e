#include "libs/telephony/call_merge.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::telephony {
namespace {

using namespace calls::v1;
using namespace events::v1;

constexpr int64_t kStart = 1'772'528'400'000'000;

std::string Bytes(const google::protobuf::Message& message) {
  // Deterministic, because CallDetails holds a map.
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return out;
}

// Draws any event that an adapter could make, sensible or not, with few distinct times so that ties are common.
class EventSourceOfChance {
 public:
  explicit EventSourceOfChance(uint32_t seed) : random_(seed) {}

  CallEvent Draw() {
    CallEvent event;
    event.set_event_id(UuidOfName("event", Concat(random_())));
    event.set_call_id("0190b2c3-0000-7000-8000-000000000001");
    event.set_business_id("0190b2c3-0000-7000-8000-000000000002");
    event.set_type(static_cast<CallEventType>(Below(CallEventType_MAX + 1)));
    *event.mutable_occurred_at() = TimestampOfMicros(kStart + int64_t{Below(4)} * 1'000'000);
    event.set_sequence(Below(4));
    event.set_record_version(Below(3));
    event.set_source(static_cast<EventSource>(Below(EventSource_MAX + 1)));
    event.set_status(static_cast<CallStatus>(Below(CallStatus_MAX + 1)));
    if (Below(2) == 0) event.mutable_hangup()->set_cause(static_cast<HangupCause>(Below(HangupCause_MAX + 1)));
    if (Below(4) == 0) event.mutable_error()->set_provider_code(Concat(Below(100)));
    CallDetails* details = event.mutable_details();
    if (Below(2) == 0) details->set_from(Concat("+1555010000", Below(10)));
    if (Below(2) == 0) details->set_direction(static_cast<CallDirection>(Below(3)));
    if (Below(2) == 0) details->mutable_recording()->set_url(Concat("https://example.com/", Below(9)));
    if (Below(3) == 0) details->mutable_cost()->set_micros(Below(1000));
    if (Below(3) == 0) details->mutable_revenue()->set_micros(Below(1000));
    if (Below(4) == 0) details->mutable_revenue()->set_currency("USD");
    if (Below(3) == 0) details->mutable_payout()->set_micros(Below(1000));
    if (Below(3) == 0) details->set_converted(Below(2) == 0);
    if (Below(3) == 0) details->set_buyer_id(Below(2) == 0 ? "" : Concat("buyer", Below(3)));
    if (Below(3) == 0) (*details->mutable_tracking_tags()->mutable_values())["geo"] = Concat(Below(5));
    if (Below(3) == 0) *details->mutable_started_at() = TimestampOfMicros(kStart + int64_t{Below(3)} * 1'000'000);
    if (Below(3) == 0) details->mutable_answered_at()->set_seconds(int64_t{Below(2)} * (kStart / 1'000'000 + 2));
    if (Below(3) == 0) *details->mutable_ended_at() = TimestampOfMicros(kStart + int64_t{Below(9)} * 1'000'000);
    if (Below(3) == 0) details->set_record_hash(Concat(Below(3)));
    if (Below(3) == 0) details->set_bridged(Below(2) == 0);
    if (Below(3) == 0) details->set_waited_in_queue(true);
    if (Below(3) == 0) details->set_dialed_leg_status(static_cast<CallStatus>(Below(CallStatus_MAX + 1)));
    if (Below(3) == 0) details->add_tags(Concat("tag", Below(5)));
    if (Below(3) == 0) (*details->mutable_custom_data())["key"] = Concat(Below(5));
    if (Below(3) == 0) details->mutable_talk_duration()->set_seconds(Below(60));
    return event;
  }

  std::vector<CallEvent> DrawSome() {
    std::vector<CallEvent> events(1 + static_cast<size_t>(Below(8)));
    std::generate(events.begin(), events.end(), [this] { return Draw(); });
    return events;
  }

  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint32_t>(bound)); }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
};

CallState Fold(const std::vector<CallEvent>& events) {
  CallState state;
  for (const CallEvent& event : events) Merge(Lift(event), &state);
  return state;
}

constexpr int kRounds = 3000;

TEST(CallMergePropertyTest, AnyOrderWithAnyRepetitionGivesTheSameRow) {
  for (uint32_t seed = 0; seed < kRounds; ++seed) {
    EventSourceOfChance chance(seed);
    std::vector<CallEvent> events = chance.DrawSome();
    const std::string expected_state = Bytes(Fold(events));
    const std::string expected_record = Bytes(Project(Fold(events)));
    for (int i = chance.Below(6); i > 0; --i) {
      events.push_back(events[static_cast<size_t>(chance.Below(static_cast<int>(events.size())))]);
    }
    std::shuffle(events.begin(), events.end(), chance.random());
    const CallState state = Fold(events);
    ASSERT_EQ(Bytes(state), expected_state) << "seed " << seed;
    ASSERT_EQ(Bytes(Project(state)), expected_record) << "seed " << seed;
  }
}

TEST(CallMergePropertyTest, AnEventIsMergedAsItsStateIs) {
  for (uint32_t seed = 0; seed < kRounds; ++seed) {
    EventSourceOfChance chance(seed);
    CallState state;
    CallState expected;
    for (CallEvent& event : chance.DrawSome()) {
      // Often with plain details alone, which go another way.
      if (chance.Below(2) == 0) {
        for (const char* name : {"recording", "cost", "tags", "custom_data", "talk_duration", "revenue", "payout",
                                 "tracking_tags", "started_at", "answered_at", "ended_at"}) {
          CallDetails* details = event.mutable_details();
          details->GetReflection()->ClearField(details, details->GetDescriptor()->FindFieldByName(name));
        }
      }
      if (chance.Below(8) == 0) event.clear_details();
      MergeEvent(event, &state);
      Merge(Lift(event), &expected);
      ASSERT_EQ(Bytes(state), Bytes(expected)) << "seed " << seed;
    }
  }
}

TEST(CallMergePropertyTest, PartsCanBeMergedInAnyGrouping) {
  for (uint32_t seed = 0; seed < kRounds; ++seed) {
    EventSourceOfChance chance(seed);
    const CallState a = Fold(chance.DrawSome());
    const CallState b = Fold(chance.DrawSome());
    const CallState c = Fold(chance.DrawSome());
    CallState left = a;
    Merge(b, &left);
    Merge(c, &left);
    CallState right = b;
    Merge(c, &right);
    CallState outer = a;
    Merge(right, &outer);
    ASSERT_EQ(Bytes(left), Bytes(outer)) << "seed " << seed;
    CallState reversed = right;
    Merge(a, &reversed);
    ASSERT_EQ(Bytes(left), Bytes(reversed)) << "seed " << seed;
  }
}

TEST(CallMergePropertyTest, AnEndedCallStaysEnded) {
  for (uint32_t seed = 0; seed < kRounds; ++seed) {
    EventSourceOfChance chance(seed);
    CallState state = Fold(chance.DrawSome());
    const bool ended = state.has_ended();
    Merge(Lift(chance.Draw()), &state);
    if (ended) {
      ASSERT_GE(static_cast<int>(Project(state).status()), static_cast<int>(CALL_STATUS_COMPLETED));
    }
  }
}

CallEvent Event(CallEventType type, CallStatus status, int second, int sequence = 0) {
  CallEvent event;
  event.set_event_id(UuidOfName("event", Concat(type, "/", second, "/", sequence)));
  event.set_call_id("c");
  event.set_type(type);
  event.set_status(status);
  event.set_sequence(sequence);
  event.set_source(EVENT_SOURCE_PROVIDER);
  *event.mutable_occurred_at() = TimestampOfMicros(kStart + int64_t{second} * 1'000'000);
  return event;
}

TEST(CallMergeTest, ARingingThatComesAfterTheAnswerOnlyFillsInItsTime) {
  CallState state = Fold({Event(CALL_EVENT_TYPE_ANSWERED, CALL_STATUS_ANSWERED, 5, 2),
                          Event(CALL_EVENT_TYPE_RINGING, CALL_STATUS_RINGING, 2, 1)});
  const CallRecord record = Project(state);
  EXPECT_EQ(record.status(), CALL_STATUS_ANSWERED);
  EXPECT_EQ(record.durations().ring().seconds(), 3);
}

TEST(CallMergeTest, WithinASecondTheSequenceDecides) {
  const CallRecord record = Project(Fold({Event(CALL_EVENT_TYPE_RESUMED, CALL_STATUS_ANSWERED, 5, 8),
                                          Event(CALL_EVENT_TYPE_HELD, CALL_STATUS_ON_HOLD, 5, 7)}));
  EXPECT_EQ(record.status(), CALL_STATUS_ANSWERED);
}

// The status after the events, in every order of their arrival; unspecified when it depends on the order.
CallStatus StatusInAnyOrder(std::vector<CallEvent> events) {
  const auto by_id = [](const CallEvent& a, const CallEvent& b) { return a.event_id() < b.event_id(); };
  std::sort(events.begin(), events.end(), by_id);
  const CallStatus first = Project(Fold(events)).status();
  while (std::next_permutation(events.begin(), events.end(), by_id)) {
    if (Project(Fold(events)).status() != first) return CALL_STATUS_UNSPECIFIED;
  }
  return first;
}

CallEvent OurHold(int second) {
  CallEvent held = Event(CALL_EVENT_TYPE_HELD, CALL_STATUS_ON_HOLD, second);
  held.set_source(EVENT_SOURCE_GATEWAY);
  return held;
}

TEST(CallMergeTest, WhatAProviderSaysOfACallInProgressTakesNobodyBackFromHold) {
  const CallEvent answered = Event(CALL_EVENT_TYPE_ANSWERED, CALL_STATUS_ANSWERED, 4);
  // Twilio: the customer's leg leaves its <Dial> for the room where it waits, and the request for what follows says
  // in-progress when it is on hold already. Plivo: the answer's webhook has no time of its own and may come late. An
  // exchange: its clock is ahead of ours, and its answer seems later than our hold.
  const CallEvent after_dial = Event(CALL_EVENT_TYPE_UPDATED, CALL_STATUS_ANSWERED, 6);
  const CallEvent late_answer = Event(CALL_EVENT_TYPE_ANSWERED, CALL_STATUS_ANSWERED, 7);
  CallEvent asked_for = Event(CALL_EVENT_TYPE_ANSWERED, CALL_STATUS_ANSWERED, 8);
  asked_for.set_source(EVENT_SOURCE_SYNC);
  const CallEvent late_ringing = Event(CALL_EVENT_TYPE_RINGING, CALL_STATUS_RINGING, 9);
  EXPECT_EQ(StatusInAnyOrder({answered, OurHold(5), after_dial, late_answer, asked_for, late_ringing}),
            CALL_STATUS_ON_HOLD);
  EXPECT_EQ(StatusInAnyOrder({OurHold(5), late_answer, Event(CALL_EVENT_TYPE_RESUMED, CALL_STATUS_ANSWERED, 6)}),
            CALL_STATUS_ANSWERED);
  EXPECT_EQ(StatusInAnyOrder({OurHold(5), Event(CALL_EVENT_TYPE_RESUMED, CALL_STATUS_ANSWERED, 6), OurHold(7),
                              Event(CALL_EVENT_TYPE_UPDATED, CALL_STATUS_ANSWERED, 8)}),
            CALL_STATUS_ON_HOLD);
}

TEST(CallMergeTest, ACallThatWasTakenBackGoesOnAsBefore) {
  const CallEvent resumed = Event(CALL_EVENT_TYPE_RESUMED, CALL_STATUS_ANSWERED, 6);
  EXPECT_EQ(StatusInAnyOrder({OurHold(5), resumed, Event(CALL_EVENT_TYPE_ENQUEUED, CALL_STATUS_QUEUED, 8)}),
            CALL_STATUS_QUEUED);
  EXPECT_EQ(StatusInAnyOrder({OurHold(5), resumed, Event(CALL_EVENT_TYPE_ENQUEUED, CALL_STATUS_QUEUED, 8),
                              Event(CALL_EVENT_TYPE_UPDATED, CALL_STATUS_ANSWERED, 9)}),
            CALL_STATUS_ANSWERED);
}

TEST(CallMergeTest, AHoldEndsWithATransferAndWithTheCall) {
  const CallEvent transferred = Event(CALL_EVENT_TYPE_TRANSFERRED, CALL_STATUS_TRANSFERRED, 6);
  const CallEvent progress = Event(CALL_EVENT_TYPE_UPDATED, CALL_STATUS_ANSWERED, 7);
  EXPECT_EQ(StatusInAnyOrder({OurHold(5), transferred, progress}), CALL_STATUS_TRANSFERRED);
  EXPECT_EQ(StatusInAnyOrder({OurHold(5), Event(CALL_EVENT_TYPE_ENDED, CALL_STATUS_COMPLETED, 9), progress}),
            CALL_STATUS_COMPLETED);
}

TEST(CallMergeTest, AHoldThatAnOlderVersionStoredIsTakenBackToo) {
  CallState stored = Fold({OurHold(5)});
  stored.clear_control();
  EXPECT_EQ(Project(stored).status(), CALL_STATUS_ON_HOLD);
  Merge(Lift(Event(CALL_EVENT_TYPE_RESUMED, CALL_STATUS_ANSWERED, 6)), &stored);
  EXPECT_EQ(Project(stored).status(), CALL_STATUS_ANSWERED);
}

TEST(CallMergeTest, TheProvidersWordOnTheEndBeatsOurOwn) {
  CallEvent ours = Event(CALL_EVENT_TYPE_DIAL_PROBLEM, CALL_STATUS_FAILED, 60);
  ours.set_source(EVENT_SOURCE_GATEWAY);
  const CallRecord record = Project(Fold({ours, Event(CALL_EVENT_TYPE_ENDED, CALL_STATUS_COMPLETED, 30)}));
  EXPECT_EQ(record.status(), CALL_STATUS_COMPLETED);
  EXPECT_EQ(ToMicros(record.times().ended_at()), kStart + 30'000'000);
}

TEST(CallMergeTest, ALaterEventReplacesOnlyTheFieldsThatItSets) {
  CallEvent first = Event(CALL_EVENT_TYPE_UPDATED, CALL_STATUS_UNSPECIFIED, 1);
  first.mutable_details()->set_from("+15550100001");
  first.mutable_details()->set_caller_name("Ann");
  CallEvent second = Event(CALL_EVENT_TYPE_UPDATED, CALL_STATUS_UNSPECIFIED, 2);
  second.mutable_details()->set_caller_name("Bob");
  const CallRecord record = Project(Fold({second, first}));
  EXPECT_EQ(record.details().from(), "+15550100001");
  EXPECT_EQ(record.details().caller_name(), "Bob");
}

// --- records of call-tracking platforms ------------------------------------------------------------------------------

CallEvent Reading(int64_t version, CallStatus status) {
  CallEvent event = Event(CALL_EVENT_TYPE_UPDATED, status, static_cast<int>(version));
  event.set_source(EVENT_SOURCE_SYNC);
  event.set_record_version(version);
  event.mutable_details()->set_record_hash("h");
  return event;
}

void SetRevenue(int64_t micros, CallEvent* event) {
  event->mutable_details()->mutable_revenue()->set_currency("USD");
  event->mutable_details()->mutable_revenue()->set_micros(micros);
}

TEST(RecordMergeTest, MoneyThatChangesAfterTheEndIsThatOfTheLatestVersionWhateverComesFirst) {
  std::vector<CallEvent> events = {Reading(10, CALL_STATUS_COMPLETED), Reading(20, CALL_STATUS_COMPLETED),
                                   Reading(15, CALL_STATUS_COMPLETED)};
  SetRevenue(1, &events[0]);
  SetRevenue(40'000'000, &events[1]);
  SetRevenue(3, &events[2]);
  std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.event_id() < b.event_id(); });
  do {
    EXPECT_EQ(Project(Fold(events)).details().revenue().micros(), 40'000'000);
  } while (std::next_permutation(events.begin(), events.end(),
                                 [](const auto& a, const auto& b) { return a.event_id() < b.event_id(); }));
}

TEST(RecordMergeTest, ANotificationOnlyFillsInWhatNoRecordTells) {
  CallEvent notice = Event(CALL_EVENT_TYPE_UPDATED, CALL_STATUS_ANSWERED, 900);
  notice.set_source(EVENT_SOURCE_SYNC);
  notice.mutable_details()->set_buyer_id("told by nobody who knows");
  notice.mutable_details()->set_publisher_id("pub-77");
  CallEvent record = Reading(10, CALL_STATUS_COMPLETED);
  record.mutable_details()->set_buyer_id("");
  for (const auto& events : {std::vector{notice, record}, std::vector{record, notice}}) {
    const CallRecord call = Project(Fold(events));
    EXPECT_EQ(call.status(), CALL_STATUS_COMPLETED);
    EXPECT_FALSE(call.details().has_buyer_id());
    EXPECT_EQ(call.details().publisher_id(), "pub-77");
  }
}

TEST(RecordMergeTest, ALaterVersionTakesBackWhatAnEarlierOneTold) {
  CallEvent first = Reading(10, CALL_STATUS_COMPLETED);
  SetRevenue(5, &first);
  *first.mutable_details()->mutable_answered_at() = TimestampOfMicros(kStart + 7);
  CallEvent second = Reading(20, CALL_STATUS_MISSED);
  second.mutable_details()->mutable_revenue();
  second.mutable_details()->mutable_answered_at();
  const CallRecord call = Project(Fold({second, first}));
  EXPECT_EQ(call.status(), CALL_STATUS_MISSED);
  EXPECT_FALSE(call.details().has_revenue());
  EXPECT_FALSE(call.times().has_answered_at());
}

TEST(RecordMergeTest, TheTimesOfTheRecordRuleOverThoseOfTheEvents) {
  CallEvent started = Event(CALL_EVENT_TYPE_INITIATED, CALL_STATUS_INITIATED, 0);
  CallEvent record = Reading(500, CALL_STATUS_COMPLETED);
  *record.mutable_details()->mutable_started_at() = TimestampOfMicros(kStart + 1'000'000);
  *record.mutable_details()->mutable_answered_at() = TimestampOfMicros(kStart + 3'000'000);
  *record.mutable_details()->mutable_ended_at() = TimestampOfMicros(kStart + 9'000'000);
  const CallState state = Fold({record, started});
  const CallRecord call = Project(state);
  EXPECT_EQ(ToMicros(call.times().initiated_at()), kStart + 1'000'000);
  EXPECT_EQ(ToMicros(call.times().ended_at()), kStart + 9'000'000);
  EXPECT_EQ(StartedAtMicros(state), kStart + 1'000'000);
  EXPECT_EQ(call.durations().total().seconds(), 8);
  EXPECT_EQ(call.durations().talk().seconds(), 6);
}

TEST(RecordMergeTest, TheWordOfARecordOnTheEndIsNotReadInAnotherWay) {
  CallEvent record = Reading(10, CALL_STATUS_NO_ANSWER);
  record.mutable_details()->set_direction(CALL_DIRECTION_INBOUND);
  EXPECT_EQ(Project(Fold({record})).status(), CALL_STATUS_NO_ANSWER);
}

TEST(RecordMergeTest, AnEndedCallStaysEndedWhateverALaterVersionSays) {
  const CallRecord call = Project(Fold({Reading(10, CALL_STATUS_COMPLETED), Reading(20, CALL_STATUS_ANSWERED)}));
  EXPECT_EQ(call.status(), CALL_STATUS_COMPLETED);
}

}  // namespace
}  // namespace trunkline::telephony
