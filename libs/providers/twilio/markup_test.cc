#include "libs/providers/twilio/markup.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <random>

#include "libs/base/text.h"

namespace trunkline::providers::twilio {
namespace {

RenderContext Context() { return {"https://h", "a1", "c1"}; }

plans::v1::CallPlan PlanOf(const std::string& text) {
  plans::v1::CallPlan plan;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &plan)) << text;
  return plan;
}

// The verbs alone, without the frame; URLs shortened: {voice step=x} stands for a URL that is answered with a plan,
// {status} for one that is told something.
std::string Render(const std::string& text) {
  std::string out = RenderTwiml(PlanOf(text), Context());
  const auto replace = [&out](std::string_view from, std::string_view to) {
    for (size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size()) {
      out.replace(at, from.size(), to);
    }
  };
  replace(R"(<?xml version="1.0" encoding="UTF-8"?><Response>)", "");
  replace("</Response>", "");
  replace("https://h/telephony/webhook/twilio/", "{");
  replace("?account=a1&amp;leg=child&amp;parent=c1#rc=5&amp;rp=all", " child of c1}");
  replace("?account=a1&amp;call=c1&amp;step=", " step=");
  replace("?account=a1&amp;call=c1", "");
  replace("#ct=1500&amp;rt=3500&amp;tt=15000&amp;rc=2&amp;rp=5xx,ct,rt", "}");
  replace("#rc=5&amp;rp=all", "}");
  return out;
}

TEST(MarkupTest, Frame) {
  EXPECT_EQ(RenderTwiml({}, Context()), R"(<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>)");
  EXPECT_EQ(EmptyTwiml(), R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)");
}

TEST(MarkupTest, UrlsAreWhole) {
  EXPECT_EQ(RenderTwiml(PlanOf("verbs { continue { step: 'a&b' } }"), Context()),
            R"(<?xml version="1.0" encoding="UTF-8"?><Response><Redirect method="POST">)"
            "https://h/telephony/webhook/twilio/voice?account=a1&amp;call=c1&amp;step=a%26b"
            "#ct=1500&amp;rt=3500&amp;tt=15000&amp;rc=2&amp;rp=5xx,ct,rt</Redirect></Response>");
}

TEST(MarkupTest, SayPlayPause) {
  EXPECT_EQ(Render("verbs { say { text: 'Tom & <Jerry>' language: 'en-US' voice: 'Polly.Joanna' loop: 2 } }"),
            R"(<Say voice="Polly.Joanna" language="en-US" loop="2">Tom &amp; &lt;Jerry&gt;</Say>)");
  EXPECT_EQ(Render("verbs { say { text: 'once' } } verbs { say { text: 'not for ever' loop: -1 } }"),
            "<Say>once</Say><Say>not for ever</Say>");
  EXPECT_EQ(Render("verbs { play { url: 'https://x/a.mp3?a=1&b=2' loop: 3 } }"),
            R"(<Play loop="3">https://x/a.mp3?a=1&amp;b=2</Play>)");
  EXPECT_EQ(Render("verbs { play { digits: 'ww12#<' url: 'ignored' } } verbs { play {} }"),
            R"(<Play digits="ww12#"/>)");
  EXPECT_EQ(
      Render("verbs { pause { length { nanos: 1 } } } verbs { pause { length { seconds: 3 } } } verbs { pause {} }"),
      R"(<Pause length="1"/><Pause length="3"/><Pause length="1"/>)");
}

TEST(MarkupTest, Gather) {
  EXPECT_EQ(Render("verbs { gather { step: 'pin' max_digits: 4 timeout { seconds: 7 } prompts { say { text: 'PIN?' } } "
                   "prompts { play { url: 'https://x' } } prompts { pause { length { seconds: 1 } } } "
                   "prompts { hangup {} } } }"),
            R"(<Gather action="{gather step=pin}" method="POST" input="dtmf" timeout="7" numDigits="4">)"
            R"(<Say>PIN?</Say><Play>https://x</Play><Pause length="1"/></Gather>)");
  EXPECT_EQ(Render("verbs { gather { step: 's' speech: true language: 'de-DE' finish_on_key: 'none' } }"),
            R"(<Gather action="{gather step=s}" method="POST" input="dtmf speech" finishOnKey="" language="de-DE" )"
            R"(speechTimeout="auto"/>)");
  EXPECT_EQ(Render("verbs { gather { step: 's' finish_on_key: '*' } }"),
            R"(<Gather action="{gather step=s}" method="POST" input="dtmf" finishOnKey="*"/>)");
}

TEST(MarkupTest, Dial) {
  EXPECT_EQ(Render("verbs { dial { targets: '+15550100002' targets: 'sip:bob@pbx.example' targets: 'client:agent-17' "
                   "caller_id: '+15550100003' ring_timeout { seconds: 20 } time_limit { seconds: 3600 } record: true "
                   "step: 'after' } }"),
            R"(<Dial action="{dial step=after}" method="POST" timeout="20" timeLimit="3600" callerId="+15550100003" )"
            R"(answerOnBridge="true" record="record-from-answer-dual" recordingStatusCallback="{recording}" )"
            R"(recordingStatusCallbackMethod="POST" recordingStatusCallbackEvent="in-progress completed absent">)"
            R"(<Number statusCallback="{status child of c1}" statusCallbackMethod="POST" )"
            R"(statusCallbackEvent="initiated ringing answered completed">+15550100002</Number>)"
            R"(<Sip statusCallback="{status child of c1}" statusCallbackMethod="POST" )"
            R"(statusCallbackEvent="initiated ringing answered completed">sip:bob@pbx.example</Sip>)"
            R"(<Client statusCallback="{status child of c1}" statusCallbackMethod="POST" )"
            R"(statusCallbackEvent="initiated ringing answered completed">agent-17</Client></Dial>)");
  EXPECT_EQ(Render("verbs { dial {} }"), R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)");
}

TEST(MarkupTest, ADialWithoutAStepFallsThroughUnlessItIsTheLastVerb) {
  EXPECT_EQ(Render("verbs { dial { targets: '+15550100002' } } verbs { hangup {} }").substr(0, 28),
            R"(<Dial answerOnBridge="true">)");
  EXPECT_EQ(Render("verbs { dial { targets: '+15550100002' ring_timeout { seconds: 1 } } }").substr(0, 66),
            R"(<Dial action="{dial}" method="POST" timeout="5" answerOnBridge="tr)");
}

TEST(MarkupTest, ADialHasNoMoreTargetsThanTwilioCalls) {
  std::string targets;
  for (int i = 0; i < 14; ++i) targets += Concat("targets: '+1555010", 1000 + i, "' ");
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(RenderTwiml(PlanOf(Concat("verbs { dial { ", targets, " } }")), Context()).c_str()));
  EXPECT_EQ(document.select_nodes("//Number").size(), 10u);
}

TEST(MarkupTest, Record) {
  EXPECT_EQ(Render("verbs { record { max_length { seconds: 60 } beep: true finish_on_key: '#' step: 'thanks' } }"),
            R"(<Record action="{record step=thanks}" method="POST" maxLength="60" playBeep="true" finishOnKey="#" )"
            R"(recordingStatusCallback="{recording}" recordingStatusCallbackMethod="POST" )"
            R"(recordingStatusCallbackEvent="in-progress completed absent"/>)");
  EXPECT_EQ(Render("verbs { record {} }").substr(0, 56), R"(<Record action="{record}" method="POST" playBeep="false")");
}

TEST(MarkupTest, Enqueue) {
  EXPECT_EQ(Render("verbs { enqueue { queue: 'sales' wait_step: 'music' } } verbs { hangup {} }"),
            R"(<Enqueue waitUrl="{wait step=music}" waitUrlMethod="POST">sales</Enqueue><Hangup/>)");
  EXPECT_EQ(Render("verbs { enqueue { queue: 'sales' } }"),
            R"(<Enqueue action="{queue}" method="POST">sales</Enqueue>)");
}

TEST(MarkupTest, HoldAndConference) {
  const std::string callback = R"( participantLabel="c1" statusCallback="{conference}" statusCallbackMethod="POST" )"
                               R"(statusCallbackEvent="start end join leave mute hold">)";
  EXPECT_EQ(Render("verbs { hold {} }"),
            Concat(R"(<Dial><Conference beep="false" startConferenceOnEnter="false" endConferenceOnExit="true")",
                   callback, "trunkline-hold-c1</Conference></Dial>"));
  EXPECT_EQ(Render("verbs { hold { music_url: 'https://x/m.mp3' } }"),
            Concat(R"(<Dial><Conference beep="false" startConferenceOnEnter="false" endConferenceOnExit="true" )",
                   R"(waitUrl="https://x/m.mp3" waitMethod="GET")", callback, "trunkline-hold-c1</Conference></Dial>"));
  EXPECT_EQ(
      Render("verbs { conference { name: 'room-42' muted: true end_on_exit: true start_on_enter: true record: true "
             "wait_music_url: 'https://x/w' } }"),
      Concat(R"(<Dial><Conference muted="true" startConferenceOnEnter="true" endConferenceOnExit="true" )",
             R"(waitUrl="https://x/w" waitMethod="GET" record="record-from-start" )",
             R"(recordingStatusCallback="{recording}" recordingStatusCallbackMethod="POST" )",
             R"(recordingStatusCallbackEvent="in-progress completed absent")", callback,
             "room-42</Conference></Dial>"));
}

TEST(MarkupTest, Stream) {
  EXPECT_EQ(Render("verbs { stream { url: 'wss://m.example/s?x=1' parameters { key: 'b' value: '2' } "
                   "parameters { key: 'a' value: '\"1\"' } } }"),
            R"(<Start><Stream url="wss://m.example/s" track="both_tracks" statusCallback="{stream}" )"
            R"(statusCallbackMethod="POST"><Parameter name="a" value="&quot;1&quot;"/><Parameter name="b" value="2"/>)"
            R"(</Stream></Start>)");
  EXPECT_EQ(
      Render("verbs { stream { url: 'wss://m.example/s' bidirectional: true } }"),
      R"(<Connect><Stream url="wss://m.example/s" statusCallback="{stream}" statusCallbackMethod="POST"/></Connect>)");
}

TEST(MarkupTest, ContinueRejectHangup) {
  EXPECT_EQ(Render("verbs { continue { step: 'next' } }"), R"(<Redirect method="POST">{voice step=next}</Redirect>)");
  EXPECT_EQ(Render("verbs { reject {} }"), R"(<Reject reason="rejected"/>)");
  EXPECT_EQ(Render("verbs { reject { busy: true } }"), R"(<Reject reason="busy"/>)");
  EXPECT_EQ(Render("verbs { say { text: 'no' } } verbs { reject {} }"), "<Say>no</Say><Hangup/>");
  EXPECT_EQ(Render("verbs { hangup {} }"), "<Hangup/>");
}

TEST(MarkupTest, NoTextMakesInvalidXml) {
  EXPECT_EQ(Render(R"(verbs { say { text: "a\000\001\033b\tc\xEF\xBF\xBF\xEF\xBF\xBE" } })"), "<Say>ab\tc</Say>");
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (int i = 0; i < 40; ++i) bytes.push_back(static_cast<char>(random() % 256));
    plans::v1::CallPlan plan;
    plan.add_verbs()->mutable_say()->set_text(bytes);
    plan.add_verbs()->mutable_gather()->set_step(bytes);
    plan.add_verbs()->mutable_dial()->add_targets(bytes);
    plan.add_verbs()->mutable_enqueue()->set_queue(bytes);
    plan.add_verbs()->mutable_conference()->set_wait_music_url(bytes);
    (*plan.add_verbs()->mutable_stream()->mutable_parameters())[bytes] = bytes;
    pugi::xml_document document;
    const std::string twiml = RenderTwiml(plan, {"https://h", bytes, bytes});
    ASSERT_TRUE(document.load_string(twiml.c_str())) << twiml;
    EXPECT_TRUE(IsStorableText(twiml));
    for (const char c : twiml)
      EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r');
  }
}

}  // namespace
}  // namespace trunkline::providers::twilio
