// What the samples do not show.
#include "libs/providers/plivo/webhook_mapper.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/plivo/test_webhooks.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

using events::v1::CallEvent;
using telephony::NameOf;

std::vector<CallEvent> Map(std::string_view event, std::string_view query, Form form) {
  form.emplace_back("CallUUID", kTestUuid);
  const auto events = PlivoMapper().Map(RawOf(PostOf(event, query, form)));
  EXPECT_TRUE(events.ok()) << events.status();
  return events.ok() ? *events : std::vector<CallEvent>();
}

CallEvent MapOne(std::string_view event, std::string_view query, const Form& form) {
  const std::vector<CallEvent> events = Map(event, query, form);
  EXPECT_EQ(events.size(), 1u);
  return events.empty() ? CallEvent() : events[0];
}

TEST(WebhookMapperTest, TheSameKeyAtTheNextTurnIsAnotherEvent) {
  const Form form = {{"Digits", "1"}, {"CallStatus", "in-progress"}};
  const CallEvent first = MapOne("gather", "?step=menu&turn=a", form);
  EXPECT_EQ(first.event_id(), MapOne("gather", "?step=menu&turn=a", form).event_id());
  EXPECT_NE(first.event_id(), MapOne("gather", "?step=menu&turn=b", form).event_id());
}

TEST(WebhookMapperTest, ARingAnAnswerAndAnEndHappenOnce) {
  const Form once = {{"Event", "Hangup"}, {"CallStatus", "busy"}, {"Duration", "0"}};
  const Form again = {{"Event", "Hangup"}, {"CallStatus", "busy"}, {"Duration", "0"}, {"TotalCost", "0.00000"}};
  EXPECT_EQ(MapOne("hangup", "", once).event_id(), MapOne("hangup", "", again).event_id());
}

TEST(WebhookMapperTest, AHangupThatArrivesAtTheAnswerUrlIsAHangup) {
  const CallEvent event = MapOne("answer", "", {{"Event", "Hangup"}, {"CallStatus", "busy"}, {"Duration", "0"}});
  EXPECT_EQ(NameOf(event.status()), "busy");
}

TEST(WebhookMapperTest, TheCurrencyIsInTheUrl) {
  const Form form = {{"Event", "Hangup"}, {"CallStatus", "completed"}, {"Duration", "6"}, {"TotalCost", "0.60000"}};
  EXPECT_EQ(MapOne("hangup", "?currency=INR", form).details().cost().currency(), "INR");
  EXPECT_EQ(MapOne("hangup", "", form).details().cost().currency(), "USD");
  EXPECT_FALSE(MapOne("hangup", "?currency=x", form).details().has_cost());
}

TEST(WebhookMapperTest, WithoutAZoneTheTimeOfArrivalCounts) {
  const Form form = {{"Event", "Hangup"}, {"CallStatus", "busy"}, {"EndTime", "2026-03-03 14:46:15"}};
  EXPECT_EQ(telephony::FromProto(MapOne("hangup", "", form).occurred_at()), absl::FromUnixSeconds(1'772'532'000));
}

TEST(WebhookMapperTest, SynchronousDetectionTellsWithTheAnswer) {
  const CallEvent event =
      MapOne("answer", "", {{"CallStatus", "in-progress"}, {"Direction", "outbound"}, {"Machine", "true"}});
  EXPECT_EQ(event.type(), events::v1::CALL_EVENT_TYPE_ANSWERED);
  EXPECT_EQ(event.details().answered_by(), calls::v1::ANSWERED_BY_MACHINE);
}

TEST(WebhookMapperTest, RoomsOfHoldAndQueues) {
  const auto change = [](std::string_view room, std::string_view action, std::string_view status) {
    return MapOne("conference", "",
                  {{"ConferenceName", std::string(room)},
                   {"ConferenceUUID", "c-1"},
                   {"ConferenceAction", std::string(action)},
                   {"CallStatus", std::string(status)}});
  };
  EXPECT_EQ(NameOf(change("trunklineholdc1", "enter", "in-progress").type()), "held");
  EXPECT_EQ(NameOf(change("trunklineholdc1", "exit", "in-progress").type()), "resumed");
  EXPECT_EQ(NameOf(change("trunklineholdc1", "exit", "completed").type()), "conference_changed");
  EXPECT_EQ(NameOf(change("trunklinequeuesales", "enter", "in-progress").type()), "enqueued");
  EXPECT_TRUE(change("trunklinequeuesales", "enter", "in-progress").details().waited_in_queue());
  EXPECT_EQ(NameOf(change("room", "enter", "in-progress").type()), "conference_changed");
}

TEST(WebhookMapperTest, ARecordingInTheBackgroundBeginsWithItsAction) {
  const auto events = Map("record", "?turn=a",
                          {{"RecordingID", "r-1"},
                           {"RecordUrl", "https://media.plivo.com/r-1.mp3"},
                           {"RecordingDuration", "-1"},
                           {"RecordingDurationMs", "-1"},
                           {"RecordingStartMs", "1772528401020"}});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].details().recording().status(), calls::v1::RECORDING_STATUS_IN_PROGRESS);
  EXPECT_FALSE(events[1].details().recording().has_duration());
  EXPECT_EQ(telephony::FromProto(events[1].occurred_at()), absl::FromUnixMillis(1'772'528'401'020));
}

TEST(WebhookMapperTest, KeysThatEndARecording) {
  const auto events = Map("record", "", {{"RecordingID", "r-1"}, {"RecordingDuration", "5"}, {"Digits", "#"}});
  EXPECT_EQ(events.at(0).digits().finished_on_key(), "#");
  EXPECT_EQ(events.at(1).details().recording().duration().seconds(), 5);
  EXPECT_EQ(NameOf(Map("record", "", {{"RecordingID", "r-1"}, {"Digits", "hangup"}}).at(0).type()), "updated");
}

TEST(WebhookMapperTest, KeysDuringAConnectionAreTheDiallingCalls) {
  const CallEvent event = MapOne(
      "dial-events", Concat("?call=", kTestCall),
      {{"DialAction", "digits"}, {"DialBLegUUID", "b-1"}, {"DialDigitsMatch", "9"}, {"CallStatus", "in-progress"}});
  EXPECT_EQ(event.call_id(), kTestCall);
  EXPECT_EQ(event.digits().digits(), "9");
}

TEST(WebhookMapperTest, LegsAreCallsOfTheirOwn) {
  const CallEvent connected =
      MapOne("dial-events", Concat("?call=", kTestCall), {{"DialAction", "connected"}, {"DialBLegUUID", "b-1"}});
  EXPECT_NE(connected.call_id(), kTestCall);
  EXPECT_EQ(connected.details().parent_call_id(), kTestCall);
  EXPECT_TRUE(connected.details().bridged());
}

TEST(WebhookMapperTest, Transcriptions) {
  const CallEvent event = MapOne("transcription", "", {{"transcription", "hello"}, {"recording_id", "r-1"}});
  EXPECT_EQ(event.transcription().text(), "hello");
  EXPECT_EQ(event.transcription().external_recording_id(), "r-1");
  EXPECT_TRUE(MapOne("transcription", "", {{"transcription", ""}, {"error", "bad"}}).has_error());
}

TEST(WebhookMapperTest, MultiPartyCalls) {
  const Form form = {
      {"EventName", "ParticipantJoined"}, {"MPCUUID", "m-1"}, {"MPCName", "room"}, {"ParticipantCallUUID", "another"}};
  const auto events = PlivoMapper().Map(RawOf(PostOf("mpc", Concat("?call=", kTestCall), form)));
  ASSERT_TRUE(events.ok() && events->size() == 1);
  const CallEvent& event = events->at(0);
  EXPECT_EQ(event.call_id(), kTestCall);
  EXPECT_EQ(event.conference().change(), "ParticipantJoined");
  EXPECT_EQ(event.details().conference_id(), "m-1");
  // The participant may be another call.
  EXPECT_FALSE(event.details().has_external_call_id());
  const auto unknown = PlivoMapper().Map(RawOf(PostOf("mpc", "", form)));
  ASSERT_TRUE(unknown.ok());
  EXPECT_EQ(unknown->at(0).details().external_call_id(), "another");
}

TEST(WebhookMapperTest, WaitingTellsNothingNew) {
  EXPECT_TRUE(Map("wait", "?step=music", {{"CallStatus", "in-progress"}}).empty());
}

TEST(WebhookMapperTest, KindsAreReadFromLegacyPaths) {
  EXPECT_EQ(NameOf(MapOne("x", "", {{"Event", "Ring"}, {"CallStatus", "ringing"}}).type()), "ringing");
  EXPECT_EQ(NameOf(MapOne("x", "", {{"HangupCause", "USER_BUSY"}, {"CallStatus", "busy"}}).status()), "busy");
  EXPECT_EQ(NameOf(MapOne("x", "", {{"Digits", "1"}}).type()), "digits_received");
  EXPECT_EQ(NameOf(MapOne("x", "", {{"StreamID", "s"}, {"Event", "StartStream"}}).type()), "stream_changed");
}

TEST(WebhookMapperTest, AnythingElseIsADeadLetter) {
  webhooks::v1::RawWebhook raw;
  EXPECT_EQ(PlivoMapper().Map(raw).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace trunkline::providers::plivo
