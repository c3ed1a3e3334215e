#include "libs/providers/twilio/webhook_time.h"

#include <gtest/gtest.h>

namespace trunkline::providers::twilio {
namespace {

TEST(WebhookTimeTest, ReadsTwiliosTimes) {
  EXPECT_EQ(ParseRfc2822("Tue, 03 Mar 2026 09:15:00 +0000"), absl::FromUnixSeconds(1772529300));
  EXPECT_EQ(ParseRfc2822("3 Mar 2026 10:45:00 +0130"), absl::FromUnixSeconds(1772529300));
  EXPECT_EQ(ParseRfc2822("Tue, 03 Mar 2026 09:15:00 GMT"), absl::FromUnixSeconds(1772529300));
  EXPECT_EQ(ParseTimestamp("Tue, 03 Mar 2026 09:15:00 +0000"), absl::FromUnixSeconds(1772529300));
  EXPECT_EQ(ParseTimestamp("2026-03-03T09:15:00.402Z"), absl::FromUnixMillis(1772529300402));
}

TEST(WebhookTimeTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           "Tue",
                           "Tue, ",
                           "Xxx, 03 Mar 2026 09:15:00 +0000",
                           "Tue, 30 Feb 2026 09:15:00 +0000",
                           "Tue, 03 mar 2026 09:15:00 +0000",
                           "Tue, 03 Mar 26 09:15:00 +0000",
                           "Tue, 03 Mar 2026 24:15:00 +0000",
                           "Tue, 03 Mar 2026 09:60:00 +0000",
                           "Tue, 03 Mar 2026 9:15:00 +0000",
                           "Tue, 03 Mar 2026 09:15:00",
                           "Tue, 03 Mar 2026 09:15:00 +00:00",
                           "Tue, 03 Mar 2026 09:15:00 +9900",
                           "Tue, 03 Mar 2026 09:15:00 +0000 ",
                           "Tue, 0x Mar 2026 09:15:00 +0000",
                           "Tue, 03 Mar 1969 09:15:00 +0000",
                           "Tue, 03 Mar 9999 09:15:00 +0000",
                           "Tue, 03 Mar 2026 09-15-00 +0000",
                           "infinite-future",
                           "2026-03-03",
                           "2026-03-03T09:15:00",
                           "9999-03-03T09:15:00Z",
                           "0001-03-03T09:15:00Z",
                           "infinite-future-and-more"}) {
    EXPECT_FALSE(ParseTimestamp(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace trunkline::providers::twilio
