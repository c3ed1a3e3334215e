#include "libs/providers/provider_status.h"

#include <gtest/gtest.h>

namespace trunkline::providers {
namespace {

TEST(ProviderStatus, RetryAfterIsReadInSeconds) {
  EXPECT_EQ(ReadRetryAfter("60"), absl::Seconds(60));
  EXPECT_EQ(ReadRetryAfter(" 0 "), absl::ZeroDuration());
  EXPECT_EQ(ReadRetryAfter("999999999"), absl::Hours(1));
  for (const char* none : {"", "-1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
    EXPECT_FALSE(ReadRetryAfter(none).has_value()) << none;
  }
}

TEST(ProviderStatus, OnlyTooManyRequestsRestAnAccount) {
  EXPECT_EQ(OutcomeOfRefusal(429, {}, absl::Seconds(60)).retry_after, absl::Seconds(60));
  EXPECT_FALSE(OutcomeOfRefusal(429, {}).retry_after.has_value());
  EXPECT_FALSE(OutcomeOfRefusal(503, {}, absl::Seconds(60)).retry_after.has_value());
  EXPECT_EQ(OutcomeOfRefusal(429, {}).kind, DialOutcome::Kind::kRejected);
  EXPECT_EQ(OutcomeOfRefusal(503, {}).kind, DialOutcome::Kind::kInDoubt);
}

}  // namespace
}  // namespace trunkline::providers
