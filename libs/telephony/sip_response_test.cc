#include "libs/telephony/sip_response.h"

#include <gtest/gtest.h>

namespace trunkline::telephony {
namespace {

using namespace calls::v1;

TEST(SipResponseTest, EveryFamilyHasItsCause) {
  EXPECT_EQ(HangupOfSipResponse(486).cause(), HANGUP_CAUSE_BUSY);
  EXPECT_EQ(HangupOfSipResponse(600).source(), HANGUP_SOURCE_CALLEE);
  EXPECT_EQ(HangupOfSipResponse(603).cause(), HANGUP_CAUSE_REJECTED);
  EXPECT_EQ(HangupOfSipResponse(403).source(), HANGUP_SOURCE_SYSTEM);
  EXPECT_EQ(HangupOfSipResponse(404).cause(), HANGUP_CAUSE_INVALID_NUMBER);
  EXPECT_EQ(HangupOfSipResponse(480).cause(), HANGUP_CAUSE_UNREACHABLE);
  EXPECT_EQ(HangupOfSipResponse(408).cause(), HANGUP_CAUSE_TIMEOUT);
  EXPECT_EQ(HangupOfSipResponse(503).cause(), HANGUP_CAUSE_PROVIDER_ERROR);
  EXPECT_EQ(HangupOfSipResponse(487).cause(), HANGUP_CAUSE_UNSPECIFIED);
  EXPECT_EQ(HangupOfSipResponse(200).cause(), HANGUP_CAUSE_UNSPECIFIED);
}

}  // namespace
}  // namespace trunkline::telephony
