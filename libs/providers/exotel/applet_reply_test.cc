#include "libs/providers/exotel/applet_reply.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"

namespace trunkline::providers::exotel {
namespace {

constexpr char kHostile[] = "\"}],\"x\":\"\n</Say>\xFF";

plans::v1::CallPlan Saying(const std::string& text) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text(text);
  return plan;
}

TEST(AppletReplyTest, ConnectDialsTheFirstDial) {
  plans::v1::CallPlan plan = Saying("hello");
  plans::v1::Dial* dial = plan.add_verbs()->mutable_dial();
  dial->add_targets("+919876543210");
  dial->add_targets("client:anna");
  dial->add_targets(kHostile);
  dial->set_caller_id("+918047190000");
  dial->set_record(true);
  dial->mutable_ring_timeout()->set_seconds(45);
  dial->mutable_time_limit()->set_seconds(99'999);
  const HttpReply reply = ReplyToApplet("connect", plan);
  const auto json = ParseJson(reply.body);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(json["destination"]["numbers"].size(), 2u);
  EXPECT_EQ(json["destination"]["numbers"][0], "+919876543210");
  EXPECT_EQ(json["outgoing_phone_number"], "+918047190000");
  EXPECT_EQ(json["recording_channels"], "dual");
  EXPECT_EQ(json["max_ringing_duration"], 45);
  EXPECT_EQ(json["max_conversation_duration"], 14'400);
  EXPECT_FALSE(json.contains("x"));
}

TEST(AppletReplyTest, ConnectWithoutADialDialsNobody) {
  const auto json = ParseJson(ReplyToApplet("connect", Saying("hello")).body);
  EXPECT_TRUE(json["destination"]["numbers"].empty());
}

TEST(AppletReplyTest, GreetingIsWhatIsSaidFirst) {
  plans::v1::CallPlan plan = Saying("Hello");
  plan.add_verbs()->mutable_pause();
  plan.add_verbs()->mutable_say()->set_text(kHostile);
  plan.add_verbs()->mutable_hangup();
  plan.add_verbs()->mutable_say()->set_text("never");
  const HttpReply reply = ReplyToApplet("greeting", plan);
  EXPECT_EQ(reply.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(reply.body, std::string("Hello ") + kHostile);
  EXPECT_EQ(ReplyToApplet("greeting", {}).body, "");
}

TEST(AppletReplyTest, GatherAsksForKeys) {
  plans::v1::CallPlan plan;
  plans::v1::Gather* gather = plan.add_verbs()->mutable_gather();
  gather->add_prompts()->mutable_say()->set_text(kHostile);
  gather->set_max_digits(4);
  gather->mutable_timeout()->set_seconds(7);
  const auto json = ParseJson(ReplyToApplet("gather", plan).body);
  EXPECT_EQ(json["max_input_digits"], 4);
  EXPECT_EQ(json["finish_on_key"], "#");
  EXPECT_EQ(json["input_timeout"], 7);
  EXPECT_FALSE(json.contains("x"));
  gather->set_finish_on_key("none");
  gather->mutable_prompts(0)->mutable_play()->set_url("https://x/a.wav");
  const auto other = ParseJson(ReplyToApplet("gather", plan).body);
  EXPECT_EQ(other["gather_prompt"]["audio_url"], "https://x/a.wav");
  EXPECT_FALSE(other.contains("finish_on_key"));
  EXPECT_TRUE(nlohmann::json::accept(ReplyToApplet("gather", {}).body));
}

TEST(AppletReplyTest, ABranchIsAStatus) {
  plans::v1::CallPlan plan = Saying("on");
  EXPECT_EQ(ReplyToApplet("branch", plan).status, 200);
  EXPECT_EQ(ReplyToApplet("branch", {}).status, 302);
  plan.mutable_verbs(0)->mutable_hangup();
  EXPECT_EQ(ReplyToApplet("branch", plan).status, 302);
  EXPECT_EQ(ReplyToApplet("something", plan).status, 200);
}

}  // namespace
}  // namespace trunkline::providers::exotel
