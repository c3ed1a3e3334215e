#include "libs/providers/twilio/webhook_mapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/providers/twilio/hold_room.h"
#include "libs/providers/twilio/test_webhooks.h"
#include "libs/providers/twilio/webhook_receiver.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {
namespace {

using events::v1::CallEvent;
using testing::IsEmpty;

constexpr int64_t kReceived = 1'772'532'000;  // of RawOf

std::vector<CallEvent> Map(std::string_view event, Form form, std::string_view query = "") {
  form.emplace_back("CallSid", kTestSid);
  form.emplace_back("AccountSid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  auto events = TwilioMapper().Map(RawOf(PostOf(event, query, form)));
  EXPECT_TRUE(events.ok()) << events.status();
  return events.ok() ? *events : std::vector<CallEvent>();
}

TEST(TwilioMapperTest, TheVoiceUrlTellsThatACallRingsOrWasAnswered) {
  const CallEvent rings = Map("voice", {{"Direction", "inbound"}, {"CallStatus", "ringing"}}).at(0);
  EXPECT_EQ(rings.type(), events::v1::CALL_EVENT_TYPE_RINGING);
  EXPECT_EQ(rings.status(), calls::v1::CALL_STATUS_RINGING);
  EXPECT_EQ(rings.occurred_at().seconds(), kReceived);
  const CallEvent answered = Map("voice", {{"Direction", "outbound-api"}, {"CallStatus", "in-progress"}}).at(0);
  EXPECT_EQ(answered.type(), events::v1::CALL_EVENT_TYPE_ANSWERED);
  EXPECT_EQ(answered.status(), calls::v1::CALL_STATUS_ANSWERED);
  // A call that goes on was answered at some earlier time.
  const CallEvent goes_on =
      Map("voice", {{"Direction", "outbound-api"}, {"CallStatus", "in-progress"}}, "?step=menu").at(0);
  EXPECT_EQ(goes_on.type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_EQ(goes_on.status(), calls::v1::CALL_STATUS_ANSWERED);
}

TEST(TwilioMapperTest, ADeviceCannotSetTheTimeOfACall) {
  const Form form = {{"Direction", "inbound"},
                     {"CallStatus", "ringing"},
                     {"Timestamp", "Tue, 03 Mar 2020 09:15:00 +0000"},
                     {"SequenceNumber", "1"}};
  EXPECT_EQ(Map("voice", form).at(0).occurred_at().seconds(), kReceived);
}

TEST(TwilioMapperTest, AFallbackTellsWhatWentWrong) {
  const CallEvent event =
      Map("fallback", {{"Direction", "inbound"}, {"CallStatus", "ringing"}, {"ErrorCode", "11200"}}).at(0);
  EXPECT_EQ(event.type(), events::v1::CALL_EVENT_TYPE_RINGING);
  EXPECT_EQ(event.error().code(), calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  EXPECT_EQ(event.error().provider_code(), "11200");
}

TEST(TwilioMapperTest, AnUnknownStatusChangesNothing) {
  const CallEvent event =
      Map("status", {{"CallStatus", "levitating"}, {"CallbackSource", "call-progress-events"}}).at(0);
  EXPECT_EQ(event.type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_EQ(event.status(), calls::v1::CALL_STATUS_UNSPECIFIED);
  EXPECT_EQ(event.details().provider_status(), "levitating");
}

TEST(TwilioMapperTest, DurationInMinutesIsNotTimeTalked) {
  const CallEvent event = Map("status", {{"CallStatus", "completed"}, {"Duration", "2"}}).at(0);
  EXPECT_FALSE(event.details().has_talk_duration());
}

TEST(TwilioMapperTest, ARecordingsOwnWebhookHasTheLastWordOnIt) {
  const std::vector<CallEvent> ended =
      *TwilioMapper().Map(RawOf(testing_support::ReadWebhookSample("twilio", "status_completed", kTestReceived)));
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[1].type(), events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
  const CallEvent ready = Map("recording", {{"RecordingSid", "RE000000000000000000005ca1ab1e0010"},
                                            {"RecordingUrl", "https://api.twilio.com/x"},
                                            {"RecordingStatus", "completed"},
                                            {"RecordingDuration", "20"},  // silence trimmed
                                            {"RecordingChannels", "2"},
                                            {"RecordingStartTime", "Tue, 03 Mar 2026 09:15:09 +0000"}})
                              .at(0);
  calls::v1::CallState state = telephony::Lift(ended[0]);
  telephony::Merge(telephony::Lift(ready), &state);
  telephony::Merge(telephony::Lift(ended[1]), &state);
  const calls::v1::CallRecord record = telephony::Project(state);
  EXPECT_EQ(record.details().recording().status(), calls::v1::RECORDING_STATUS_READY);
  EXPECT_EQ(record.details().recording().channels(), 2);
  EXPECT_EQ(record.durations().talk().seconds(), 62);
}

TEST(TwilioMapperTest, ARecordingOfNoLengthIsReadyAfterItBegan) {
  const auto of = [](const char* status) {
    return Map("recording", {{"RecordingSid", "RE1"},
                             {"RecordingStatus", status},
                             {"RecordingDuration", "0"},
                             {"RecordingStartTime", "Tue, 03 Mar 2026 09:15:09 +0000"}})
        .at(0);
  };
  EXPECT_LT(of("in-progress").occurred_at().seconds(), of("completed").occurred_at().seconds());
  EXPECT_LT(of("in-progress").occurred_at().seconds(), of("absent").occurred_at().seconds());
}

TEST(TwilioMapperTest, AnAbsentRecordingSaysWhy) {
  const CallEvent event = Map("recording", {{"RecordingSid", "RE1"},
                                            {"RecordingStatus", "absent"},
                                            {"ErrorCode", "16102"},
                                            {"RecordingDuration", "-1"},
                                            {"ConferenceSid", "CF1"}})
                              .at(0);
  EXPECT_EQ(event.details().recording().status(), calls::v1::RECORDING_STATUS_ABSENT);
  EXPECT_FALSE(event.details().recording().has_duration());
  EXPECT_EQ(event.details().conference_id(), "CF1");
  EXPECT_EQ(event.error().provider_code(), "16102");
  EXPECT_EQ(event.occurred_at().seconds(), kReceived);
}

TEST(TwilioMapperTest, ARecordActionTellsTheKeyAndTheRecording) {
  const auto events = Map("record", {{"CallStatus", "in-progress"},
                                     {"RecordingSid", "RE1"},
                                     {"RecordingUrl", "https://x/RE1"},
                                     {"RecordingDuration", "12"},
                                     {"Digits", "#"}});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type(), events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED);
  EXPECT_EQ(events[0].digits().finished_on_key(), "#");
  EXPECT_EQ(events[0].status(), calls::v1::CALL_STATUS_ANSWERED);
  EXPECT_EQ(events[1].details().recording().duration().seconds(), 12);
  EXPECT_EQ(events[1].occurred_at().seconds(), kReceived - 12);
  EXPECT_NE(events[0].event_id(), events[1].event_id());
  const auto hung_up = Map("record", {{"CallStatus", "completed"}, {"Digits", "hangup"}});
  ASSERT_EQ(hung_up.size(), 1u);
  EXPECT_EQ(hung_up[0].type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_EQ(hung_up[0].status(), calls::v1::CALL_STATUS_UNSPECIFIED);
}

TEST(TwilioMapperTest, DigitsAndSpeechOfOneGatherAreTwoEvents) {
  const auto events = Map("gather", {{"CallStatus", "in-progress"},
                                     {"Digits", "12"},
                                     {"FinishedOnKey", "#"},
                                     {"SpeechResult", "twelve"},
                                     {"Confidence", "7"},
                                     {"Language", "en-US"}});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].digits().digits(), "12");
  EXPECT_EQ(events[1].speech().text(), "twelve");
  EXPECT_EQ(events[1].speech().confidence(), 1.0);
  EXPECT_EQ(Map("gather", {{"Digits", ""}, {"FinishedOnKey", ""}}).at(0).type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_THAT(Map("partial", {{"UnstableSpeechResult", "twel"}}), IsEmpty());
}

TEST(TwilioMapperTest, ADialedLegThatWasBridgedSaysSoAndOthersSayNothing) {
  const CallEvent bridged =
      Map("dial", {{"DialCallStatus", "completed"}, {"DialCallSid", "CAchild"}, {"DialBridged", "true"}}).at(0);
  EXPECT_TRUE(bridged.details().bridged());
  EXPECT_EQ(bridged.dialed_leg().leg_call_id(), telephony::CallIdOf(kTestAccount, "CAchild"));
  const CallEvent busy = Map("dial", {{"DialCallStatus", "busy"}, {"DialBridged", "false"}}).at(0);
  EXPECT_FALSE(busy.details().has_bridged());
  EXPECT_EQ(busy.details().dialed_leg_status(), calls::v1::CALL_STATUS_BUSY);
  EXPECT_EQ(busy.dialed_leg().leg_call_id(), "");
  // Older ones do not tell.
  EXPECT_TRUE(Map("dial", {{"DialCallStatus", "completed"}, {"DialCallDuration", "5"}}).at(0).details().bridged());
  EXPECT_FALSE(Map("dial", {{"DialCallStatus", "levitating"}}).at(0).details().has_dialed_leg_status());
}

TEST(TwilioMapperTest, AQueueIsEnteredOnceAndLeft) {
  const Form waits = {{"CallStatus", "in-progress"}, {"QueueSid", "QU1"}, {"QueueTime", "0"}, {"QueuePosition", "3"}};
  const CallEvent enters = Map("wait", waits, "?step=music").at(0);
  EXPECT_EQ(enters.type(), events::v1::CALL_EVENT_TYPE_ENQUEUED);
  EXPECT_EQ(enters.status(), calls::v1::CALL_STATUS_QUEUED);
  EXPECT_TRUE(enters.details().waited_in_queue());
  EXPECT_THAT(Map("wait", {{"QueueSid", "QU1"}, {"QueueTime", "40"}}, "?step=music"), IsEmpty());
  // A plan may lead from the wait URL to a step of its own; the caller still waits.
  EXPECT_EQ(Map("voice", waits, "?step=more").at(0).type(), events::v1::CALL_EVENT_TYPE_ENQUEUED);

  const CallEvent bridged =
      Map("queue", {{"CallStatus", "in-progress"}, {"QueueSid", "QU1"}, {"QueueResult", "bridged"}}).at(0);
  EXPECT_EQ(bridged.type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_EQ(bridged.status(), calls::v1::CALL_STATUS_ANSWERED);
  EXPECT_TRUE(bridged.details().waited_in_queue());
  EXPECT_TRUE(bridged.details().bridged());
  const CallEvent gave_up = Map("queue", {{"CallStatus", "completed"}, {"QueueResult", "hangup"}}).at(0);
  EXPECT_TRUE(gave_up.details().waited_in_queue());
  EXPECT_FALSE(gave_up.details().has_bridged());
  const CallEvent full = Map("queue", {{"CallStatus", "in-progress"}, {"QueueResult", "queue-full"}}).at(0);
  EXPECT_FALSE(full.details().has_waited_in_queue());
  EXPECT_EQ(full.error().code(), calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
}

TEST(TwilioMapperTest, HoldIsARoomOfOnesOwn) {
  const std::string room = HoldRoomOf(kTestCall);
  const auto change = [&](std::string_view event, Form more = {}) {
    more.insert(more.end(), {{"FriendlyName", room},
                             {"ConferenceSid", "CF1"},
                             {"ParticipantLabel", kTestCall},
                             {"StatusCallbackEvent", std::string(event)}});
    return Map("conference", more).at(0);
  };
  EXPECT_EQ(change("participant-join").type(), events::v1::CALL_EVENT_TYPE_HELD);
  EXPECT_EQ(change("participant-join").status(), calls::v1::CALL_STATUS_ON_HOLD);
  EXPECT_EQ(change("participant-join").call_id(), kTestCall);
  EXPECT_EQ(change("participant-leave", {{"ReasonParticipantLeft", "participant_updated_via_api"}}).type(),
            events::v1::CALL_EVENT_TYPE_RESUMED);
  EXPECT_EQ(change("participant-leave", {{"ReasonParticipantLeft", "participant_hung_up"}}).type(),
            events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED);
}

TEST(TwilioMapperTest, TranscriptionStreamAndRefer) {
  const CallEvent text =
      Map("transcription",
          {{"TranscriptionText", "hello"}, {"TranscriptionStatus", "completed"}, {"RecordingSid", "RE1"}})
          .at(0);
  EXPECT_EQ(text.transcription().text(), "hello");
  EXPECT_EQ(text.transcription().external_recording_id(), "RE1");
  EXPECT_TRUE(Map("transcription", {{"TranscriptionStatus", "failed"}}).at(0).has_error());
  EXPECT_EQ(Map("stream", {{"StreamEvent", "stream-error"}, {"StreamError", "31901"}}).at(0).stream().error(), "31901");
  const CallEvent referred = Map("refer", {{"ReferCallStatus", "completed"}}).at(0);
  EXPECT_EQ(referred.type(), events::v1::CALL_EVENT_TYPE_TRANSFERRED);
  EXPECT_EQ(referred.status(), calls::v1::CALL_STATUS_TRANSFERRED);
  EXPECT_TRUE(Map("refer", {{"ReferCallStatus", "busy"}, {"ReferSipResponseCode", "486"}}).at(0).has_error());
}

TEST(TwilioMapperTest, LegacyPathsAreToldByWhatTheyCarry) {
  EXPECT_EQ(Map("", {{"CallbackSource", "call-progress-events"}, {"CallStatus", "busy"}}).at(0).type(),
            events::v1::CALL_EVENT_TYPE_ENDED);
  EXPECT_EQ(Map("", {{"Direction", "inbound"}, {"CallStatus", "ringing"}}).at(0).type(),
            events::v1::CALL_EVENT_TYPE_RINGING);
  EXPECT_EQ(Map("hook", {{"RecordingStatus", "completed"}}).at(0).type(),
            events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
}

TEST(TwilioMapperTest, EventIdsTellFactsApart) {
  std::set<std::string> ids;
  const auto add = [&](const Form& form, std::string_view event = "status") {
    for (const CallEvent& told : Map(event, form)) EXPECT_TRUE(ids.insert(told.event_id()).second);
  };
  const std::string time = "Tue, 03 Mar 2026 09:15:00 +0000";
  add({{"CallStatus", "ringing"}, {"SequenceNumber", "1"}, {"Timestamp", time}});
  add({{"CallStatus", "ringing"}, {"SequenceNumber", "2"}, {"Timestamp", time}});
  add({{"CallStatus", "in-progress"}, {"SequenceNumber", "2"}, {"Timestamp", time}});
  add({{"Digits", "1"}}, "gather");
  add({{"Digits", "2"}}, "gather");
  // The order of parameters is arbitrary and says nothing.
  const Form form = {{"CallStatus", "in-progress"}, {"Digits", "3"}};
  EXPECT_EQ(Map("gather", form).at(0).event_id(), Map("gather", {form[1], form[0]}).at(0).event_id());
}

TEST(TwilioMapperTest, ARetryHasTheIdsOfTheFirstTry) {
  WebhookRequest request = PostOf("gather", "?step=x", {{"CallSid", kTestSid}, {"Digits", "1"}});
  request.headers.emplace_back("i-twilio-idempotency-token", "t-1");
  const std::string first = TwilioMapper().Map(RawOf(request))->at(0).event_id();
  EXPECT_EQ(TwilioMapper().Map(RawOf(request))->at(0).event_id(), first);
  request.headers.back().second = "t-2";
  EXPECT_NE(TwilioMapper().Map(RawOf(request))->at(0).event_id(), first);
}

TEST(TwilioMapperTest, WhatIsNoWebhookIsInvalid) {
  EXPECT_EQ(TwilioMapper().Map({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(TwilioMapper().Map(RawOf(PostOf("status", "", {{"CallStatus", "busy"}}))).status().code(),
            absl::StatusCode::kInvalidArgument);
  WebhookRequest json = PostOf("status", "", {});
  json.headers = {{"content-type", "application/json"}};
  for (const char* body : {"", "{", "[]", R"({"CallSid":{"nested":"CA1"}})", R"("CallSid")"}) {
    json.body = body;
    EXPECT_EQ(TwilioMapper().Map(RawOf(json)).status().code(), absl::StatusCode::kInvalidArgument) << body;
  }
}

TEST(TwilioMapperTest, AJsonBodySaysTheSameAsAForm) {
  const Form form = {
      {"CallSid", kTestSid}, {"CallStatus", "completed"}, {"CallDuration", "62"}, {"SequenceNumber", "3"}};
  WebhookRequest json = PostOf("status", "", {});
  json.headers = {{"content-type", "application/json"}};
  json.body =
      Concat(R"({"CallSid":")", kTestSid, R"(","CallStatus":"completed","CallDuration":62,"SequenceNumber":"3"})");
  const auto told = TwilioMapper().Map(RawOf(json));
  ASSERT_TRUE(told.ok()) << told.status();
  ASSERT_EQ(told->size(), 1u);
  EXPECT_EQ(told->at(0).status(), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(told->at(0).details().talk_duration().seconds(), 62);
  EXPECT_EQ(told->at(0).call_id(), TwilioMapper().Map(RawOf(PostOf("status", "", form)))->at(0).call_id());
}

// Whatever the bytes: no crash, both parts agree on the call, and what is told can be stored.
TEST(TwilioMapperTest, HostileBytesDoNoHarm) {
  std::mt19937 random(1);
  const TwilioMapper mapper{};
  const TwilioReceiver receiver{};
  for (const std::string& name : testing_support::WebhookSampleNames("twilio")) {
    for (int round = 0; round < 60; ++round) {
      WebhookRequest request = testing_support::ReadWebhookSample("twilio", name, kTestReceived);
      for (std::string* text : {&request.body, &request.url}) {
        for (size_t i = 0; i < 1 + text->size() / 40 && !text->empty(); ++i) {
          static constexpr std::string_view kNasty[] = {"%00", "%FF", "%ED%A0%80",           "&",
                                                        "=",   "-1",  "99999999999999999999"};
          const size_t at = random() % text->size();
          text->replace(at, random() % 3, kNasty[random() % std::size(kNasty)]);
        }
      }
      const auto events = mapper.Map(RawOf(request));
      const auto subject = receiver.Describe(request, TestAccount());
      EXPECT_EQ(events.ok(), subject.ok());
      if (!events.ok() || !subject.ok()) continue;
      for (const CallEvent& event : *events) {
        EXPECT_EQ(event.call_id(), subject->call_id);
        EXPECT_TRUE(IsUuid(event.event_id()));
        EXPECT_TRUE(IsStorableText(event.details().from()));
        EXPECT_TRUE(IsStorableText(event.details().provider_status()));
        EXPECT_TRUE(IsStorableText(event.digits().digits()));
        EXPECT_EQ(event.SerializeAsString().empty(), false);
      }
    }
  }
}

}  // namespace
}  // namespace trunkline::providers::twilio
