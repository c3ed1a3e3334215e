#include "libs/providers/plivo/markup.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "libs/base/text.h"

namespace trunkline::providers::plivo {
namespace {

RenderContext Context() { return {.public_url = "https://h", .account_id = "a1", .call_id = "c1"}; }

plans::v1::CallPlan PlanOf(const std::string& text) {
  plans::v1::CallPlan plan;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &plan)) << text;
  return plan;
}

// The elements alone, without the frame; URLs shortened: {answer step=x} stands for a URL that is answered with a plan,
// {hangup} for one that is told something, ! for the turn.
std::string Render(const std::string& text) {
  std::string out = RenderPlivoXml(PlanOf(text), Context(), "t1");
  const auto replace = [&out](std::string_view from, std::string_view to) {
    for (size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size()) {
      out.replace(at, from.size(), to);
    }
  };
  replace(R"(<?xml version="1.0" encoding="UTF-8"?><Response>)", "");
  replace("</Response>", "");
  replace("https://h/telephony/webhook/plivo/", "{");
  replace("?account=a1&amp;call=c1&amp;step=", " step=");
  replace("?account=a1&amp;call=c1", "");
  replace("&amp;turn=t1", "!");
  replace("#ct=1500&amp;rt=3500&amp;tt=14000&amp;rc=2&amp;rp=5xx,ct,rt", "}");
  replace("#rc=5&amp;rp=all", "}");
  return out;
}

TEST(MarkupTest, Frame) {
  EXPECT_EQ(RenderPlivoXml({}, Context(), ""),
            R"(<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>)");
  EXPECT_EQ(EmptyPlivoXml(), R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)");
}

TEST(MarkupTest, UrlsAreWhole) {
  EXPECT_EQ(RenderPlivoXml(PlanOf("verbs { continue { step: 'a&b' } }"), Context(), "t1"),
            R"(<?xml version="1.0" encoding="UTF-8"?><Response><Redirect method="POST">)"
            "https://h/telephony/webhook/plivo/answer?account=a1&amp;call=c1&amp;step=a%26b"
            "#ct=1500&amp;rt=3500&amp;tt=14000&amp;rc=2&amp;rp=5xx,ct,rt</Redirect></Response>");
}

TEST(MarkupTest, SayPlayPauseDigits) {
  EXPECT_EQ(Render("verbs { say { text: 'Tom & <Jerry>' language: 'en-US' voice: 'Polly.Joanna' loop: 2 } }"),
            R"(<Speak voice="Polly.Joanna" language="en-US" loop="2">Tom &amp; &lt;Jerry&gt;</Speak>)");
  EXPECT_EQ(Render("verbs { say { text: 'once' loop: -1 } }"), "<Speak>once</Speak>");
  EXPECT_EQ(Render("verbs { play { url: 'https://x/a.mp3?a=1&b=2' loop: 3 } }"),
            R"(<Play loop="3">https://x/a.mp3?a=1&amp;b=2</Play>)");
  EXPECT_EQ(Render("verbs { play { digits: '1w2<' loop: 2 } } verbs { play {} }"),
            R"(<DTMF async="false">1w2</DTMF><DTMF async="false">1w2</DTMF>)");
  EXPECT_EQ(Render("verbs { pause { length { nanos: 1 } } }"), R"(<Wait length="1"/>)");
}

TEST(MarkupTest, GatherOfKeys) {
  EXPECT_EQ(Render("verbs { gather { prompts { say { text: 'Press' } } prompts { pause { length { seconds: 2 } } } "
                   "max_digits: 1 finish_on_key: 'none' timeout { seconds: 7 } step: 'menu' } }"),
            R"(<GetDigits action="{gather step=menu!}" method="POST" redirect="true" timeout="7" digitTimeout="7" )"
            R"(finishOnKey="none" numDigits="1" retries="1"><Speak>Press</Speak><Wait length="2"/></GetDigits>)");
  EXPECT_EQ(
      Render("verbs { gather {} }"),
      R"(<GetDigits action="{gather!}" method="POST" redirect="false" timeout="5" digitTimeout="5" retries="1"/>)");
}

TEST(MarkupTest, GatherOfSpeech) {
  EXPECT_EQ(Render("verbs { gather { prompts { play { url: 'https://x/a.mp3' } } prompts { pause {} } speech: true "
                   "language: 'en-IN' timeout { seconds: 90 } step: 's' } }"),
            R"(<GetInput action="{gather step=s!}" method="POST" redirect="true" inputType="dtmf speech" )"
            R"(executionTimeout="60" digitEndTimeout="10" language="en-IN"><Play>https://x/a.mp3</Play></GetInput>)");
}

TEST(MarkupTest, Dial) {
  EXPECT_EQ(Render("verbs { dial { targets: '+15550100002' targets: 'sip:a@b' targets: 'client:jo' caller_id: "
                   "'+15550100003' ring_timeout { seconds: 20 } time_limit { seconds: 60 } record: true step: 'x' } }"),
            R"(<Record startOnDialAnswer="true" redirect="false" maxLength="14400" recordChannelType="stereo" )"
            R"(callbackUrl="{recording}" callbackMethod="POST"/>)"
            R"(<Dial action="{dial step=x!}" method="POST" redirect="true" callbackUrl="{dial-events}" )"
            R"(callbackMethod="POST" timeout="20" timeLimit="60" callerId="15550100003"><Number>15550100002</Number>)"
            R"(<User>sip:a@b</User><User>sip:jo@phone.plivo.com</User></Dial>)");
  EXPECT_EQ(Render("verbs { dial { targets: '+15550100002' } } verbs { dial {} }"),
            R"(<Dial action="{dial!}" method="POST" redirect="false" callbackUrl="{dial-events}" )"
            R"(callbackMethod="POST" timeout="30"><Number>15550100002</Number></Dial>)");
}

TEST(MarkupTest, Record) {
  EXPECT_EQ(Render("verbs { record { max_length { seconds: 90 } beep: true finish_on_key: '#' step: 'after' } }"),
            R"(<Record action="{record step=after!}" method="POST" redirect="true" maxLength="90" playBeep="true" )"
            R"(finishOnKey="#" callbackUrl="{recording}" callbackMethod="POST"/>)");
}

TEST(MarkupTest, ACallThatWasAskedForWithARecordingIsRecordedFromItsFirstPlanOn) {
  RenderContext context = Context();
  context.asked_url = "https://h/telephony/webhook/plivo/answer?account=a1&call=c1&record=1";
  const std::string xml = RenderPlivoXml(PlanOf("verbs { hangup {} }"), context, "");
  EXPECT_NE(xml.find(R"(<Response><Record recordSession="true" redirect="false" maxLength="14400")"), std::string::npos)
      << xml;
  EXPECT_NE(xml.find("/><Hangup/>"), std::string::npos) << xml;
}

TEST(MarkupTest, Rooms) {
  constexpr std::string_view kWaiting =
      R"(<Conference startConferenceOnEnter="false" endConferenceOnExit="true" stayAlone="true" )"
      R"(callbackUrl="{conference}" callbackMethod="POST")";
  EXPECT_EQ(Render("verbs { enqueue { queue: 'sales 1' wait_step: 'music' } }"),
            Concat(kWaiting, R"( waitSound="{wait step=music}">trunklinequeuesalesx201c1</Conference>)"));
  EXPECT_EQ(Render("verbs { hold {} }"), Concat(kWaiting, ">trunklineholdc1</Conference>"));
  EXPECT_EQ(Render("verbs { hold { music_url: 'https://x/m.mp3' } }"), R"(<Play loop="0">https://x/m.mp3</Play>)");
  EXPECT_EQ(Render("verbs { conference { name: 'r-1' muted: true start_on_enter: true record: true } }"),
            R"(<MultiPartyCall role="Customer" mute="true" startMpcOnEnter="true" endMpcOnExit="false" )"
            R"(stayAlone="true" record="true" recordFileFormat="mp3" recordingCallbackUrl="{recording}" )"
            R"(recordingCallbackMethod="POST" statusCallbackUrl="{mpc}" statusCallbackMethod="POST">rx2d1)"
            R"(</MultiPartyCall>)");
}

TEST(MarkupTest, Stream) {
  EXPECT_EQ(Render("verbs { stream { url: 'wss://m/s' bidirectional: true parameters { key: 'b' value: '2' } "
                   "parameters { key: 'a' value: '1' } parameters { key: 'c' value: 'x,y' } } }"),
            R"(<Stream bidirectional="true" audioTrack="inbound" keepCallAlive="true" streamTimeout="86400" )"
            R"(contentType="audio/x-mulaw;rate=8000" statusCallbackUrl="{stream" statusCallbackMethod="POST" )"
            R"(extraHeaders="a=1,b=2">wss://m/s</Stream>)");
}

TEST(MarkupTest, RejectAndHangup) {
  EXPECT_EQ(Render("verbs { reject { busy: true } }"), R"(<Hangup reason="busy"/>)");
  EXPECT_EQ(Render("verbs { reject {} }"), R"(<Hangup reason="rejected"/>)");
  EXPECT_EQ(Render("verbs { say { text: 'no' } } verbs { reject {} }"), "<Speak>no</Speak><Hangup/>");
  EXPECT_EQ(Render("verbs { hangup {} }"), "<Hangup/>");
}

TEST(MarkupTest, HostileTextStaysText) {
  const std::string hostile = "</Speak><Hangup/>\" ' & ]]> <!-- \x01\x02 \xff\xfe \xEF\xBF\xBE";
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text(ToStorableText(hostile));
  plan.add_verbs()->mutable_play()->set_url(ToStorableText(hostile));
  plan.add_verbs()->mutable_conference()->set_name(ToStorableText(hostile));
  plan.add_verbs()->mutable_continue_()->set_step(ToStorableText(hostile));
  plan.add_verbs()->mutable_dial()->add_targets(ToStorableText(hostile));
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(RenderPlivoXml(plan, Context(), "t").c_str()));
  int elements = 0;
  for (const pugi::xml_node& child : document.child("Response").children()) {
    ++elements;
    EXPECT_NE(std::string_view(child.name()), "Hangup");
  }
  EXPECT_EQ(elements, 5);
}

}  // namespace
}  // namespace trunkline::providers::plivo
