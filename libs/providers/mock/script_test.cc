#include "libs/providers/mock/script.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline::providers::mock {
namespace {

Script Of(int digits) { return ScriptFor(Concat("+15550100", digits < 10 ? "00" : "0", digits)); }

TEST(ScriptTest, EveryEndingHasItsStory) {
  for (int digits = 0; digits < 100; ++digits) {
    SCOPED_TRACE(digits);
    const Script script = Of(digits);
    const bool special_reply = digits >= 56 && digits <= 61;
    const bool special_pickup = (digits >= 50 && digits <= 52) || digits == 54;
    EXPECT_EQ(script.reply != PlacingReply::kPlaced, special_reply);
    EXPECT_EQ(script.pickup != Pickup::kAnswer, special_pickup);
    EXPECT_EQ(script.sip_code != 200, special_pickup);
    EXPECT_EQ(script.responds, digits < 45 || digits > 49);
    EXPECT_EQ(script.listener != calls::v1::ANSWERED_BY_HUMAN, digits == 55 || digits == 63 || digits == 64);
    EXPECT_EQ(script.talk, digits == 62 ? absl::Milliseconds(1500) : absl::Seconds(10 + digits));
  }
}

TEST(ScriptTest, TheReplies) {
  EXPECT_EQ(Of(56).reply, PlacingReply::kInvalidNumber);
  EXPECT_EQ(Of(57).reply, PlacingReply::kErrorButPlaced);
  EXPECT_EQ(Of(58).reply, PlacingReply::kLostButPlaced);
  EXPECT_EQ(Of(59).reply, PlacingReply::kSlowButPlaced);
  EXPECT_EQ(Of(60).reply, PlacingReply::kErrorNotPlaced);
  EXPECT_EQ(Of(61).reply, PlacingReply::kTooManyRequests);
}

TEST(ScriptTest, WhatIsNoNumberAnswers) {
  for (const char* address : {"", "7", "sip:desk@pbx.example", "client:agent-51"}) {
    EXPECT_EQ(ScriptFor(address).reply, PlacingReply::kPlaced) << address;
  }
  EXPECT_EQ(ScriptFor("sip:desk@pbx.example").pickup, Pickup::kAnswer);
}

}  // namespace
}  // namespace trunkline::providers::mock
