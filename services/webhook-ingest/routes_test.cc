#include "services/webhook-ingest/routes.h"

#include <gtest/gtest.h>

namespace trunkline::webhook_ingest {
namespace {

TEST(RoutesTest, TheUnifiedPathNamesProviderAndEvent) {
  const auto route = FindRoute("/telephony/webhook/plivo/hangup");
  ASSERT_TRUE(route.has_value());
  EXPECT_EQ(route->provider, "plivo");
  EXPECT_EQ(route->event, "hangup");
}

TEST(RoutesTest, LegacyPathsStillWork) {
  EXPECT_EQ(FindRoute("/twilio-webhook")->event, "status");
  EXPECT_EQ(FindRoute("/sip-webhook")->provider, "sip");
  EXPECT_EQ(FindRoute("/api/twilio/voice")->event, "voice");
  EXPECT_EQ(FindRoute("/api/twilio/status")->provider, "twilio");
  EXPECT_EQ(FindRoute("/api/twilio/recording")->event, "recording");
  EXPECT_EQ(FindRoute("/plivo/ring-url")->event, "ring");
  EXPECT_EQ(FindRoute("/plivo/hangup-url")->event, "hangup");
  EXPECT_EQ(FindRoute("/plivo/hangup-url")->provider, "plivo");
  EXPECT_EQ(FindRoute("/exotel/call-back")->event, "passthru");
  EXPECT_EQ(FindRoute("/exotel/call-back-after-end")->event, "end");
  EXPECT_EQ(FindRoute("/exotel/call-back")->provider, "exotel");
}

TEST(RoutesTest, AnythingElseIsNoWebhook) {
  for (const char* path :
       {"", "/", "/telephony/webhook/", "/telephony/webhook/plivo", "/telephony/webhook/plivo/",
        "/telephony/webhook/plivo/a/b", "/telephony/webhook/PLIVO/status", "/telephony/webhook/../status",
        "/telephony/webhook/plivo/%00", "/twilio-webhook/", "/metrics"}) {
    EXPECT_FALSE(FindRoute(path).has_value()) << path;
  }
}

}  // namespace
}  // namespace trunkline::webhook_ingest
