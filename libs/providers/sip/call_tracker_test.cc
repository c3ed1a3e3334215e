// Asterisk's events as they were on the wire (testdata/ami), through the tracker and the mapper, as they go from the
// link to the normalizer.
#include "libs/providers/sip/call_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "libs/base/text.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/ami/reader.h"
#include "libs/providers/sip/call_id.h"
#include "libs/providers/sip/webhook_mapper.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/source_path.h"

namespace trunkline::providers::sip {
namespace {

using events::v1::CallEvent;
using telephony::NameOf;

constexpr char kTrackedAccount[] = "0190b2c3-0000-7000-8000-000000000001";
constexpr char kOurs[] = "0190b2c3-0000-7000-8000-000000000002";

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// A sample's events in the order of their times: the document groups them by what they show.
std::vector<ami::Message> Sample(std::string_view name) {
  ami::Reader reader;
  reader.Feed(Replaced(ReadSourceFile(Concat("libs/providers/sip/testdata/ami/", name, ".ami")), "\n", "\r\n"));
  std::vector<ami::Message> messages;
  while (auto next = reader.Next().value()) messages.push_back(*std::move(next));
  EXPECT_FALSE(messages.empty()) << name;
  std::stable_sort(messages.begin(), messages.end(), [](const ami::Message& a, const ami::Message& b) {
    return ParseDouble(a.Get("Timestamp")).value_or(0) < ParseDouble(b.Get("Timestamp")).value_or(0);
  });
  return messages;
}

webhooks::v1::RawWebhook RawOf(const ami::Message& event, const CallContext& context) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider("sip");
  raw.set_provider_account_id(kTrackedAccount);
  raw.set_call_id(CallIdOf(kTrackedAccount, context.external_call_id));
  *raw.mutable_received_at() = telephony::ToProto(absl::FromUnixSeconds(1'795'171'300));
  raw.mutable_link()->set_content_type(std::string(kLinkContentType));
  raw.mutable_link()->set_body(event.text() + WriteContext(context));
  return raw;
}

class CallTrackerTest : public testing::Test {
 protected:
  void Tell(const ami::Message& event) {
    for (const CallContext& context : tracker_.OnEvent(event, absl::FromUnixSeconds(1'795'171'300))) {
      const webhooks::v1::RawWebhook raw = RawOf(event, context);
      auto mapped = SipMapper().Map(raw);
      ASSERT_TRUE(mapped.ok()) << mapped.status();
      for (CallEvent& told : *mapped) {
        EXPECT_EQ(told.call_id(), raw.call_id());
        events_.push_back(std::move(told));
      }
    }
  }
  void TellAll(std::string_view sample) {
    for (const ami::Message& event : Sample(sample)) Tell(event);
  }
  // A channel that the sample does not show the beginning of.
  void Begin(std::string_view name, std::string_view uniqueid, std::string_view linkedid, int state,
             std::string_view more = "") {
    Tell(ami::Message::Parse(Concat("Event: Newchannel\r\nTimestamp: 1795171290.000001\r\nChannel: ", name,
                                    "\r\nChannelState: ", state, "\r\nUniqueid: ", uniqueid, "\r\nLinkedid: ", linkedid,
                                    "\r\n", more)));
  }
  void Answered(std::string_view leg, std::string_view linkedid) {
    Tell(ami::Message::Parse(Concat("Event: DialEnd\r\nTimestamp: 1795171291.000001\r\nDestUniqueid: ", leg,
                                    "\r\nDestLinkedid: ", linkedid, "\r\nDialStatus: ANSWER\r\n")));
  }

  std::vector<std::string> Types() const {
    std::vector<std::string> types;
    for (const CallEvent& event : events_) types.push_back(NameOf(event.type()));
    return types;
  }
  // "completed user_hangup caller"
  std::string End() const {
    if (events_.empty() || events_.back().type() != events::v1::CALL_EVENT_TYPE_ENDED) return "(goes on)";
    const CallEvent& end = events_.back();
    return Concat(NameOf(end.status()), " ", NameOf(end.hangup().cause()), " ", NameOf(end.hangup().source()));
  }

  CallTracker tracker_{TrackerOptions{}};
  std::vector<CallEvent> events_;
};

using testing::ElementsAre;

TEST_F(CallTrackerTest, InboundAnsweredAndLeftByTheCaller) {
  TellAll("m2");
  EXPECT_THAT(Types(), ElementsAre("initiated", "ringing", "answered", "updated", "ended"));
  EXPECT_EQ(End(), "completed user_hangup caller");
  EXPECT_EQ(events_[0].details().from(), "+14155550123");
  EXPECT_EQ(events_[0].details().to(), "+18005550100");
  EXPECT_EQ(events_[0].details().direction(), calls::v1::CALL_DIRECTION_INBOUND);
  EXPECT_FALSE(events_[0].details().has_caller_name());
  EXPECT_TRUE(events_[2].details().bridged());
  EXPECT_EQ(events_[3].details().talk_duration().seconds(), 7);
  EXPECT_EQ(telephony::ToMicros(events_[0].occurred_at()), 1'795'171'296'497'321);
  EXPECT_EQ(tracker_.live_calls(), 0U);
}

TEST_F(CallTrackerTest, InboundLeftByTheCallee) {
  Begin("PJSIP/trunk-00000002", "1795171307.2", "1795171307.2", 4);
  Begin("PJSIP/202-00000003", "1795171307.3", "1795171307.2", 0);
  Answered("1795171307.3", "1795171307.2");
  TellAll("m3");
  for (const char* leg : {"1795171307.3", "1795171307.2"}) {
    Tell(
        ami::Message::Parse(Concat("Event: Hangup\r\nUniqueid: ", leg, "\r\nLinkedid: 1795171307.2\r\nCause: 16\r\n")));
  }
  EXPECT_EQ(End(), "completed user_hangup callee");
}

TEST_F(CallTrackerTest, OutboundWithTheAgentFirstIsAnsweredByTheNumber) {
  TrackerOptions options;
  options.agent_first = true;
  CallTracker tracker(options);
  std::vector<Fact> facts;
  for (const ami::Message& event : Sample("m4")) {
    for (const CallContext& context : tracker.OnEvent(event, absl::UnixEpoch())) {
      facts.push_back(context.fact);
      if (context.fact != Fact::kEnded) continue;
      EXPECT_EQ(NameOf(EndOf(context.end).status), "completed");
      EXPECT_EQ(NameOf(EndOf(context.end).hangup.cause()), "system_hangup");
      EXPECT_EQ(context.to, "14155550123");
    }
  }
  EXPECT_THAT(facts, ElementsAre(Fact::kInitiated, Fact::kAnswered, Fact::kEnded));
}

TEST_F(CallTrackerTest, OutboundThatDoesNotComeAbout) {
  const std::pair<const char*, const char*> samples[] = {
      {"m5", "busy busy callee"}, {"m6", "no_answer timeout callee"}, {"m7", "failed invalid_number system"}};
  const char* ids[] = {"unify-14155550486", "unify-14155550480", "unify-14155550404"};
  const char* names[] = {"PJSIP/trunk-00000008", "PJSIP/trunk-00000009", "PJSIP/trunk-0000000a"};
  for (int i = 0; i < 3; ++i) {
    events_.clear();
    Begin(names[i], ids[i], ids[i], 0);
    Tell(ami::Message::Parse(Concat("Event: DialBegin\r\nDestUniqueid: ", ids[i], "\r\nDestLinkedid: ", ids[i],
                                    "\r\nDestCallerIDNum: 18005550100\r\nDialString: 14155550486@trunk\r\n")));
    TellAll(samples[i].first);
    EXPECT_THAT(Types(), ElementsAre("initiated", "ended")) << samples[i].first;
    EXPECT_EQ(End(), samples[i].second);
  }
  EXPECT_EQ(events_.back().error().code(), calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
}

TEST_F(CallTrackerTest, InboundThatIsNotTaken) {
  Begin("PJSIP/trunk-0000000f", "1795171347.15", "1795171347.15", 4);
  Begin("PJSIP/204-00000010", "1795171347.16", "1795171347.15", 0);
  TellAll("m8");
  EXPECT_THAT(Types(), ElementsAre("initiated", "dialed_leg_ended", "ended"));
  EXPECT_EQ(End(), "missed timeout callee");

  Begin("PJSIP/trunk-00000000", "1795171453.0", "1795171453.0", 4);
  Begin("PJSIP/204-00000001", "1795171453.1", "1795171453.0", 0);
  TellAll("m9");
  EXPECT_EQ(End(), "abandoned user_hangup caller");

  Begin("PJSIP/trunk-00000002", "1795171457.2", "1795171457.2", 4);
  Begin("PJSIP/ph-00000003", "1795171457.3", "1795171457.2", 0);
  TellAll("m10");
  EXPECT_EQ(End(), "missed busy callee");
}

TEST_F(CallTrackerTest, HoldIsOneOfThePhone) {
  Begin("PJSIP/203-00000013", "unify-call-0004", "unify-call-0004", 0);
  Begin("PJSIP/trunk-00000014", "1795171359.20", "unify-call-0004", 0);
  TellAll("m11");
  EXPECT_THAT(Types(), ElementsAre("initiated", "held", "resumed"));
  EXPECT_EQ(events_[1].status(), calls::v1::CALL_STATUS_ON_HOLD);
  EXPECT_EQ(events_[2].status(), calls::v1::CALL_STATUS_ANSWERED);
}

TEST_F(CallTrackerTest, ATransferIsNoEndAndNoResumption) {
  Begin("PJSIP/202-00000015", "unify-call-0005", "unify-call-0005", 0);
  Begin("PJSIP/trunk-00000016", "1795171368.22", "unify-call-0005", 0);
  Answered("1795171368.22", "unify-call-0005");
  Begin("PJSIP/203-00000017", "1795171370.23", "unify-call-0005", 0);
  events_.clear();
  TellAll("m12");
  EXPECT_THAT(Types(), ElementsAre("transferred"));
  Answered("1795171370.23", "unify-call-0005");
  EXPECT_THAT(Types(), ElementsAre("transferred", "answered"));
  EXPECT_EQ(tracker_.live_calls(), 1U);

  Begin("PJSIP/202-00000018", "unify-call-0006", "unify-call-0006", 0);
  Begin("PJSIP/trunk-00000019", "1795171376.25", "unify-call-0006", 0);
  events_.clear();
  TellAll("m13");
  EXPECT_THAT(Types(), ElementsAre("transferred"));
  EXPECT_EQ(tracker_.live_calls(), 2U);
}

TEST_F(CallTrackerTest, RecordingsQueuesAndKeys) {
  Begin("PJSIP/202-00000006", "unify-call-0002", "unify-call-0002", 0);
  TellAll("m14");
  EXPECT_THAT(Types(), ElementsAre("initiated", "recording_changed", "recording_changed"));
  EXPECT_EQ(events_[2].details().recording().status(), calls::v1::RECORDING_STATUS_READY);

  events_.clear();
  Begin("PJSIP/trunk-0000001f", "1795171403.35", "1795171403.35", 4);
  TellAll("m15");
  Tell(ami::Message::Parse("Event: Hangup\r\nUniqueid: 1795171403.35\r\nLinkedid: 1795171403.35\r\nCause: 16\r\n"));
  EXPECT_THAT(Types(), ElementsAre("initiated", "enqueued", "ended"));
  EXPECT_EQ(End(), "abandoned user_hangup caller");

  events_.clear();
  Begin("PJSIP/trunk-0000001d", "1795171398.33", "1795171398.33", 4);
  Begin("PJSIP/202-0000001e", "1795171398.34", "1795171398.33", 0);
  TellAll("m16");
  Tell(ami::Message::Parse("Event: Hangup\r\nUniqueid: 1795171398.34\r\nLinkedid: 1795171398.33\r\nCause: 16\r\n"));
  Tell(ami::Message::Parse("Event: Hangup\r\nUniqueid: 1795171398.33\r\nLinkedid: 1795171398.33\r\nCause: 16\r\n"));
  EXPECT_THAT(Types(), ElementsAre("initiated", "answered", "ended"));
  EXPECT_EQ(End(), "completed user_hangup callee");

  events_.clear();
  Begin("PJSIP/trunk-00000020", "1795171481.10", "1795171481.10", 4);
  TellAll("m18");
  EXPECT_THAT(Types(), ElementsAre("initiated", "digits_received"));
  EXPECT_EQ(events_[1].digits().digits(), "1");
}

TEST_F(CallTrackerTest, TheLinesQualityComesWithTheEnd) {
  Begin("PJSIP/202-00000001", "1795171296.1", "1795171296.1", 4);
  Begin("PJSIP/trunk-0000001c", "1795171388.30", "unify-call-0007", 0);
  TellAll("m17");
  Tell(ami::Message::Parse("Event: Hangup\r\nUniqueid: 1795171296.1\r\nLinkedid: 1795171296.0\r\nCause: 16\r\n"));
  ASSERT_EQ(events_.back().type(), events::v1::CALL_EVENT_TYPE_ENDED);
  EXPECT_NEAR(events_.back().details().quality().mean_opinion_score(), 4.4046, 0.001);
  EXPECT_THAT(Types(), ElementsAre("initiated", "initiated", "held", "ended"));
}

TEST_F(CallTrackerTest, ACallOfOursWithoutAChannelFailed) {
  Tell(ami::Message::Parse(Concat("Event: OriginateResponse\r\nActionID: ", ActionIdOf(kOurs),
                                  "\r\nResponse: Failure\r\nUniqueid: <unknown>\r\nReason: 0\r\n")));
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].call_id(), kOurs);
  EXPECT_EQ(End(), "failed unreachable system");
  // Of others there was never a call.
  Tell(ami::Message::Parse("Event: OriginateResponse\r\nActionID: x\r\nResponse: Failure\r\nUniqueid: <unknown>\r\n"));
  EXPECT_EQ(events_.size(), 1U);
}

TEST_F(CallTrackerTest, CallsThatAreJoinedBecomeOne) {
  Begin("PJSIP/a-00000001", "1.1", "1.1", 4);
  Begin("PJSIP/b-00000002", "1.2", "1.2", 4);
  Tell(ami::Message::Parse("Event: Newstate\r\nUniqueid: 1.2\r\nLinkedid: 1.1\r\nChannelState: 6\r\n"));
  EXPECT_EQ(tracker_.live_calls(), 1U);
  EXPECT_EQ(events_.back().type(), events::v1::CALL_EVENT_TYPE_ENDED);
  EXPECT_EQ(events_.back().details().external_call_id(), "1.2");
}

TEST_F(CallTrackerTest, WhoCallsFromInsideCallsOut) {
  TrackerOptions options;
  options.is_extension = [](std::string_view text) { return IsOwnExtension("2XX", text); };
  CallTracker tracker(options);
  const auto told = tracker.OnEvent(
      ami::Message::Parse("Event: Newchannel\r\nChannel: PJSIP/202-00000001\r\nChannelState: 4\r\nCallerIDNum: 202\r\n"
                          "Exten: 14155550123\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n"),
      absl::UnixEpoch());
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].direction, calls::v1::CALL_DIRECTION_OUTBOUND);
}

TEST_F(CallTrackerTest, AfterAGapWhatIsKnownOfCallsThatGoOnIsKept) {
  Begin("PJSIP/trunk-00000001", "1.1", "1.1", 4);
  Begin("PJSIP/202-00000002", "1.2", "1.1", 0);
  Answered("1.2", "1.1");
  Begin("PJSIP/trunk-00000003", "2.1", "2.1", 4);
  const auto channel = [](std::string_view id, std::string_view call, std::string_view application) {
    return ami::Message::Parse(
        Concat("Event: CoreShowChannel\r\nChannel: PJSIP/x-0000000a\r\nChannelState: 6\r\nUniqueid: ", id,
               "\r\nLinkedid: ", call, "\r\nApplication: ", application, "\r\n"));
  };
  tracker_.Resync({channel("1.2", "1.1", "AppDial"), channel("1.1", "1.1", "Dial"), channel(kOurs, kOurs, "Playback")});
  EXPECT_EQ(tracker_.live_calls(), 2U);
  events_.clear();
  for (const char* leg : {"1.2", "1.1"}) {
    Tell(ami::Message::Parse(Concat("Event: Hangup\r\nUniqueid: ", leg, "\r\nLinkedid: 1.1\r\nCause: 16\r\n")));
  }
  EXPECT_EQ(End(), "completed system_hangup system");
  EXPECT_EQ(events_.back().details().direction(), calls::v1::CALL_DIRECTION_INBOUND);
  Tell(ami::Message::Parse(Concat("Event: Hangup\r\nUniqueid: ", kOurs, "\r\nLinkedid: ", kOurs, "\r\nCause: 16\r\n")));
  EXPECT_EQ(End(), "completed system_hangup system");
  EXPECT_EQ(events_.back().call_id(), kOurs);
}

TEST_F(CallTrackerTest, ACallerWhoIsUpIsAnsweredOnlyWhereTrunklineAnswers) {
  TrackerOptions options;
  options.answer_context = "answered";
  CallTracker tracker(options);
  const auto tell = [&](std::string_view event, std::string_view state, std::string_view context) {
    return tracker.OnEvent(
        ami::Message::Parse(Concat("Event: ", event, "\r\nChannel: PJSIP/trunk-1\r\nChannelState: ", state,
                                   "\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nContext: ", context, "\r\n")),
        absl::UnixEpoch());
  };
  EXPECT_EQ(tell("Newchannel", "4", "menu").size(), 1U);
  EXPECT_TRUE(tell("Newstate", "6", "menu").empty());
  const auto told = tell("Newstate", "6", "answered");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].fact, Fact::kAnswered);
}

TEST_F(CallTrackerTest, TheSameEventAlwaysHasTheSameId) {
  const std::vector<ami::Message> events = Sample("m2");
  CallTracker tracker{TrackerOptions{}};
  std::vector<std::string> ids;
  for (int round = 0; round < 2; ++round) {
    CallTracker again{TrackerOptions{}};
    size_t next = 0;
    for (const ami::Message& event : events) {
      for (const CallContext& context : again.OnEvent(event, absl::FromUnixSeconds(round))) {
        const auto mapped = SipMapper().Map(RawOf(event, context));
        ASSERT_TRUE(mapped.ok());
        // The Cdr of the sample has a time of its own too.
        for (const CallEvent& told : *mapped) {
          if (round == 0) ids.push_back(told.event_id());
          if (round == 1) {
            EXPECT_EQ(ids.at(next++), told.event_id());
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace trunkline::providers::sip
