#include "libs/tracking/notification.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"

namespace trunkline::tracking {
namespace {

const std::vector<EventWord>& Words() {
  static const std::vector<EventWord> words = {
      {"start", NotifiedEvent::kStarted}, {"ended", NotifiedEvent::kEnded}, {"new_lead", NotifiedEvent::kIgnored}};
  return words;
}

constexpr char kUrl[] = "https://h/webhooks/retreaver/0190b2c3-0000-7000-8000-00000000000a/ended";

WebhookContent Read(std::string_view query, std::string_view body) {
  const auto content = ReadWebhook(Concat(kUrl, query.empty() ? "" : "?", query), body, "", Words());
  EXPECT_TRUE(content.ok()) << content.status();
  return content.value_or(WebhookContent());
}

TEST(NotificationTest, FindsTheCallUnderEveryName) {
  for (const char* body :
       {R"({"call":{"uuid":"c1"}})", R"({"call":{"inboundCallId":"c1"}})", R"({"data":{"uuid":"c1"}})",
        R"({"uuid":"c1"})", R"({"call_uuid":"c1"})", R"({"callUuid":"c1"})", R"({"trackdrive_call_uuid":"c1"})",
        R"({"inboundCallId":"c1"})", R"({"InboundCallId":"c1"})", R"({"call_id":"c1"})", R"({"callId":"c1"})",
        R"({"call":{"id":"c1"}})", R"({"id":"c1"})", "call%5Buuid%5D=c1", "call_uuid=c1&event=start"}) {
    const WebhookContent content = Read("", body);
    ASSERT_EQ(content.notifications.size(), 1) << body;
    EXPECT_EQ(content.notifications[0].external_id, "c1") << body;
  }
}

TEST(NotificationTest, NumbersAreIdsDigitByDigit) {
  EXPECT_EQ(Read("", R"({"call":{"id":9007199254740993}})").notifications.at(0).external_id, "9007199254740993");
}

TEST(NotificationTest, TheBodyWinsOverTheQueryButForTheEvent) {
  const WebhookContent content = ReadWebhook("https://h/webhooks/x/tokentoken?event=start&call_id=q&a=1",
                                             R"({"call_id":"b","event":"ended"})", "", Words())
                                     .value();
  const Notification& read = content.notifications.at(0);
  EXPECT_EQ(read.external_id, "b");
  EXPECT_EQ(read.event, NotifiedEvent::kStarted);
  EXPECT_EQ(MemberText(read.members, "a"), "1");
}

TEST(NotificationTest, ReadsJsonWhateverItIsCalledAndFormsElse) {
  EXPECT_EQ(Read("", " \n{\"call_id\":\"c\"}").notifications.size(), 1);
  EXPECT_EQ(Read("call_id=q", "").notifications.at(0).external_id, "q");
  EXPECT_EQ(Read("call_id=q", "<xml><call_id>c</call_id></xml>").notifications.at(0).external_id, "q");
  EXPECT_EQ(Read("", "<xml/>").remark, "unparsed_body");
}

TEST(NotificationTest, AnArrayIsSeveral) {
  const WebhookContent content = Read("", R"([{"call":{"uuid":"a"}},{"call":{"uuid":"b"}},{"lead":1}])");
  ASSERT_EQ(content.notifications.size(), 2);
  EXPECT_EQ(content.notifications[1].external_id, "b");
  EXPECT_EQ(content.remark, "test_or_misconfigured");
  const WebhookContent again = Read("", BodyOf(content.notifications[1]));
  EXPECT_EQ(again.notifications.at(0).members, content.notifications[1].members);
}

TEST(NotificationTest, WithoutACallItIsATestOrIgnored) {
  EXPECT_EQ(Read("call_uuid=%5Bcall_uuid%5D", "").remark, "test_or_misconfigured");
  EXPECT_EQ(Read("", "{}").remark, "test_or_misconfigured");
  EXPECT_EQ(Read("event=new_lead", R"({"lead":{"id":991}})").remark, "ignored_event_type");
  EXPECT_EQ(Read("call_id=c&event=something_new", "").notifications.at(0).event, NotifiedEvent::kUpdated);
}

TEST(NotificationTest, BrokenJsonMattersOnlyWithoutAnIdInTheUrl) {
  EXPECT_EQ(ReadWebhook(kUrl, "{\"a\":", "", Words()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Read("call_id=c", "{\"a\":").notifications.size(), 1);
}

TEST(NotificationTest, IsBounded) {
  const auto code_of = [](const std::string& body) { return ReadWebhook(kUrl, body, "", Words()).status().code(); };
  EXPECT_EQ(code_of(std::string(256 * 1024 + 1, ' ')), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code_of(std::string(40, '[') + std::string(40, ']')), absl::StatusCode::kOutOfRange);
  std::string many = "[0";
  for (int i = 0; i < 600; ++i) many += ",0";
  EXPECT_EQ(code_of(many + "]"), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace trunkline::tracking
