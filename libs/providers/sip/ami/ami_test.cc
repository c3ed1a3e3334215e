// The manager protocol by itself: framing, fields, what may be written, the login's key.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/base/text.h"
#include "libs/providers/sip/ami/action.h"
#include "libs/providers/sip/ami/md5.h"
#include "libs/providers/sip/ami/reader.h"
#include "libs/providers/sip/ami/rules.h"

namespace trunkline::providers::sip::ami {
namespace {

std::optional<Message> NextOf(Reader& reader) {
  absl::StatusOr<std::optional<Message>> next = reader.Next();
  EXPECT_TRUE(next.ok()) << next.status();
  return next.ok() ? *std::move(next) : std::nullopt;
}

TEST(ReaderTest, MessagesComeInPieces) {
  const std::string_view wire =
      "Asterisk Call Manager/11.0.0\r\n"
      "Response: Success\r\nActionID: a-1\r\nMessage: Park successful\n\r\n\r\n"
      "Event: Newchannel\r\nChannel: PJSIP/202-00000001\r\nAccountCode: \r\nExten:\r\nno colon here\r\n\r\n";
  for (size_t piece = 1; piece < wire.size(); ++piece) {
    Reader reader;
    std::vector<Message> messages;
    bool greeted = false;
    for (size_t at = 0; at < wire.size(); at += piece) {
      reader.Feed(wire.substr(at, piece));
      if (!greeted) {
        const auto banner = reader.Banner();
        ASSERT_TRUE(banner.ok());
        if (!banner->has_value()) continue;
        EXPECT_EQ(**banner, "Asterisk Call Manager/11.0.0");
        greeted = true;
      }
      while (auto message = NextOf(reader)) messages.push_back(*std::move(message));
    }
    ASSERT_EQ(messages.size(), 2U) << piece;
    EXPECT_TRUE(messages[0].Succeeded());
    EXPECT_EQ(messages[0].Get("message"), "Park successful");
    EXPECT_EQ(messages[1].Event(), "Newchannel");
    EXPECT_EQ(messages[1].Get("ACCOUNTCODE"), "");
    EXPECT_TRUE(messages[1].text().ends_with("no colon here\r\n\r\n"));
  }
}

TEST(ReaderTest, TheFirstKeyDecidesWhatAMessageIs) {
  const Message event = Message::Parse("Event: OriginateResponse\r\nActionID: a-1\r\nResponse: Failure\r\n\r\n");
  EXPECT_TRUE(event.IsEvent());
  EXPECT_FALSE(event.IsResponse());
  EXPECT_FALSE(Message::Parse("Key: value").IsEvent());
  EXPECT_FALSE(Message::Parse("").IsEvent());
}

TEST(ReaderTest, KeysRepeatAndUnknownIsNothing) {
  const Message message =
      Message::Parse("Event: X\r\nChanVariable: A=1\r\nChanVariable: B=2\r\nCallerIDNum: <unknown>");
  EXPECT_EQ(message.All("chanvariable"), (std::vector<std::string_view>{"A=1", "B=2"}));
  EXPECT_EQ(message.Get("CallerIDNum"), "<unknown>");
  EXPECT_EQ(message.Known("CallerIDNum"), "");
}

TEST(ReaderTest, WhatIsTooLongIsRefused) {
  Reader endless;
  endless.Feed(std::string(Reader::kLargestMessage + 1, 'x'));
  EXPECT_TRUE(absl::IsResourceExhausted(endless.Next().status()));

  Reader lines;
  std::string text;
  for (size_t i = 0; i <= Reader::kMostLines; ++i) text += "A: b\r\n";
  lines.Feed(text + "\r\n");
  EXPECT_TRUE(absl::IsResourceExhausted(lines.Next().status()));

  Reader greeting;
  greeting.Feed(std::string(1000, 'x'));
  EXPECT_TRUE(absl::IsResourceExhausted(greeting.Banner().status()));
}

TEST(LoginTest, KeysOfTheDocument) {
  EXPECT_EQ(LoginKey("69828035", "test-secret-1"), "5ce4842489c97331056e384f360e8489");
}

TEST(ActionTest, IsWrittenLineByLine) {
  Action action("Hangup");
  action.Add("Channel", "PJSIP/202-0000001a").Add("Cause", "16");
  EXPECT_EQ(action.Render("tl-1").value(),
            "Action: Hangup\r\nActionID: tl-1\r\nChannel: PJSIP/202-0000001a\r\nCause: 16\r\n\r\n");
}

struct Injection {
  std::string_view action;
  std::string_view key;
  std::string_view value;
};

TEST(ActionTest, NothingIsInjected) {
  using std::string_view_literals::operator""sv;
  const std::vector<Injection> injections = {
      {"Hangup", "Channel", "PJSIP/202-0000001a\r\nAction: Command"},
      {"Hangup", "Channel", "PJSIP/202-0000001a\nCommand: x"},
      {"Hangup", "Channel", "/^PJSIP/.*-0000001a"},
      {"Hangup", "Channel", "/.*/-0000001a"},
      {"Hangup", "Channel", "PJSIP/202\0-0000001a"sv},
      {"Hangup", "Channel", "PJSIP/202"},
      {"Hangup", "Channel", ""},
      {"Hangup", "Cause", "128"},
      {"Hangup", "Cause", "16\r\n"},
      {"Originate", "Channel", "PJSIP/1@trunk&PJSIP/900@premium"},
      {"Originate", "Channel", "PJSIP/1,30"},
      {"Originate", "Channel", "PJSIP/${SHELL(id)}@trunk"},
      {"Originate", "Channel", "DAHDI/g1/900"},
      {"Originate", "Channel", "Local/1@a@b"},
      {"Originate", "Channel", "PJSIP/1@trunk/n/n"},
      {"Originate", "Variable", "A=1"},
      {"Originate", "Variable", "TRUNKLINE_A=1,B=2"},
      {"Originate", "Variable", "TRUNKLINE_A=${EVIL}"},
      {"Originate", "Variable", "TRUNKLINE_SHELL(id)=1"},
      {"Originate", "Variable", "TRUNKLINE_=1"},
      {"Originate", "CallerID", "\"a\" <1>; evil"},
      {"Originate", "CallerID", "\"a\"b\" <123>"},
      {"Originate", "Timeout", "999"},
      {"Originate", "Application", "System"},
      {"Originate", "Data", "rm"},
      {"Redirect", "Context", "from-internal,s,1"},
      {"Redirect", "Exten", "1 2"},
      {"Redirect", "Priority", "0"},
      {"Redirect", "Priority", "1,2"},
      {"MixMonitor", "File", "a,b.wav"},
      {"MixMonitor", "File", "../a.wav"},
      {"MixMonitor", "File", "a.wav.sh"},
      {"MixMonitor", "Options", "b,system"},
      {"MixMonitor", "Command", "id"},
      {"PlayDTMF", "Digit", "12"},
      {"PlayDTMF", "Digit", "e"},
      {"Setvar", "Variable", "TRUNKLINE_A=1"},
      {"Setvar", "Value", "a;b"},
      {"Login", "Username", "a\r\nEvents: on"},
      {"Login", "Key", "ABC"},
      {"Hang\r\nup", "Cause", "16"},
  };
  for (const Injection& tried : injections) {
    const auto rendered = Action(tried.action).Add(tried.key, tried.value).Render("tl-1");
    EXPECT_TRUE(absl::IsInvalidArgument(rendered.status())) << tried.key << " " << tried.value;
  }
  EXPECT_FALSE(Action("Ping").Render("a\r\nb").ok());
  EXPECT_FALSE(Action("Ping").Render(std::string(65, 'a')).ok());
  EXPECT_FALSE(Action("Ping").Render("").ok());
}

TEST(ActionTest, AnActionHasFewLines) {
  Action action("Originate");
  for (int i = 0; i < 99; ++i) action.Add("Variable", "TRUNKLINE_A=1");
  EXPECT_FALSE(action.Render("tl-1").ok());
}

TEST(RulesTest, WhatTheExchangeUsesIsAllowed) {
  for (const char* name : {"PJSIP/202-0000001a", "SIP/trunk-00000001", "Local/203@from-internal-00000000;1",
                           "PJSIP/a.b+c@d:5060-deadbeef"}) {
    EXPECT_TRUE(IsChannelName(name)) << name;
  }
  for (const char* dialled : {"PJSIP/14155550123@trunk", "PJSIP/202", "SIP/+1415@t_1", "Local/202@from-internal/n"}) {
    EXPECT_TRUE(IsDialString(dialled)) << dialled;
  }
  EXPECT_TRUE(IsCallerId("<18005550100>"));
  EXPECT_TRUE(IsCallerId("\"Support\" <+18005550100>"));
  EXPECT_TRUE(IsPriority("1") && IsPriority("start") && !IsPriority("10000"));
  EXPECT_TRUE(IsAssignment("TRUNKLINE_CALL_ID=0190b2c3-0000-7000-8000-000000000001"));
  EXPECT_TRUE(IsRecordingFile("trunkline-1_2.wav"));
}

}  // namespace
}  // namespace trunkline::providers::sip::ami
