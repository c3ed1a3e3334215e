#include "libs/providers/webhook_url.h"

#include <gtest/gtest.h>

namespace trunkline::providers {
namespace {

constexpr char kAccount[] = "0190b2c3-0000-7000-8000-000000000001";
constexpr char kCall[] = "0190b2c3-0000-7000-8000-000000000002";

TEST(WebhookUrlTest, WhatIsHandedOutReadsBack) {
  const WebhookUrl url{
      .provider = "plivo", .event = "gather", .account_id = kAccount, .call_id = kCall, .step = "menu & more"};
  const std::string text = url.Render("https://hooks.example.com/base");
  EXPECT_EQ(text,
            "https://hooks.example.com/base/telephony/webhook/plivo/gather?account="
            "0190b2c3-0000-7000-8000-000000000001&call=0190b2c3-0000-7000-8000-000000000002&step=menu%20%26%20more");
  const WebhookUrl back = ReadWebhookUrl(text);
  EXPECT_EQ(back.provider, "plivo");
  EXPECT_EQ(back.event, "gather");
  EXPECT_EQ(back.account_id, kAccount);
  EXPECT_EQ(back.call_id, kCall);
  EXPECT_EQ(back.step, "menu & more");
}

TEST(WebhookUrlTest, IdsThatAreNoUuidsAreLeftOut) {
  const WebhookUrl url = ReadWebhookUrl("/telephony/webhook/plivo/status?account=acc-7&call=../../etc");
  EXPECT_EQ(url.account_id, "");
  EXPECT_EQ(url.call_id, "");
}

TEST(WebhookUrlTest, OtherPathsHaveNoProvider) { EXPECT_EQ(ReadWebhookUrl("/somewhere/else?account=x").provider, ""); }

}  // namespace
}  // namespace trunkline::providers
