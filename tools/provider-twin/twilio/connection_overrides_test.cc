#include "tools/provider-twin/connection_overrides.h"

#include <gtest/gtest.h>

#include "tools/provider-twin/twilio/signed_webhook.h"

namespace trunkline::twin::twilio {
namespace {

TEST(ConnectionOverridesTest, WithoutAFragmentOnlyConnectingIsTriedAgainOnce) {
  const RetryPolicy policy = ReadOverrides("https://h/x?y=1", kConnectionRules);
  EXPECT_EQ(policy.retries, 1);
  EXPECT_TRUE(policy.on_connect_failure);
  EXPECT_FALSE(policy.on_no_answer || policy.on_4xx || policy.on_5xx);
  EXPECT_EQ(policy.connect_timeout, absl::Seconds(5));
  EXPECT_EQ(policy.read_timeout, absl::Seconds(15));
}

TEST(ConnectionOverridesTest, FragmentIsReadAndNotAsked) {
  const std::string_view url = "https://h/x?y=1#rc=3&rp=5xx,rt&ct=2000&rt=3000&tt=4000";
  EXPECT_EQ(WithoutFragment(url), "https://h/x?y=1");
  const RetryPolicy policy = ReadOverrides(url, kConnectionRules);
  EXPECT_EQ(policy.retries, 3);
  EXPECT_TRUE(policy.on_5xx && policy.on_no_answer);
  EXPECT_FALSE(policy.on_4xx || policy.on_connect_failure);
  EXPECT_EQ(policy.connect_timeout, absl::Seconds(2));
  EXPECT_EQ(policy.read_timeout, absl::Seconds(3));
  EXPECT_EQ(policy.total_timeout, absl::Seconds(4));
}

TEST(ConnectionOverridesTest, AllMeansAll) {
  const RetryPolicy policy = ReadOverrides("https://h/#rp=all", kConnectionRules);
  EXPECT_TRUE(policy.on_5xx && policy.on_no_answer && policy.on_4xx && policy.on_connect_failure);
}

TEST(ConnectionOverridesTest, WhatIsBeyondTheLimitsIsNotTaken) {
  const RetryPolicy policy = ReadOverrides("https://h/#rc=6&ct=99&rt=15001&tt=x", kConnectionRules);
  EXPECT_EQ(policy.retries, 1);
  EXPECT_EQ(policy.connect_timeout, absl::Seconds(5));
  EXPECT_EQ(policy.read_timeout, absl::Seconds(15));
  EXPECT_EQ(policy.total_timeout, absl::Seconds(15));
}

}  // namespace
}  // namespace trunkline::twin::twilio
