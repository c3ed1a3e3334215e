// JSON with exact numbers, redaction, webhook URLs.
#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/redaction.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::tracking {
namespace {

TEST(ExactJsonTest, KeepsTheDigitsOfNumbers) {
  const auto json = ParseExactJson(R"({"money":32.50,"cursor":18446744073709551616,"id":420622705,"tiny":1e-7})");
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(MemberText(*json, "money"), "32.50");
  EXPECT_EQ(MemberText(*json, "cursor"), "18446744073709551616");
  EXPECT_EQ(MemberText(*json, "id"), "420622705");
  EXPECT_EQ(MemberText(*json, "tiny"), "1e-7");
  EXPECT_EQ(ParseExactJson(WriteJson(*json)), json);
}

TEST(ExactJsonTest, IsBounded) {
  EXPECT_FALSE(ParseExactJson("[[[1]]]", {.depth = 2}).has_value());
  EXPECT_TRUE(ParseExactJson("[[1]]", {.depth = 2}).has_value());
  EXPECT_FALSE(ParseExactJson("[1,2,3]", {.members = 3}).has_value());
  for (const char* text : {"", "{", "[1,]", "{\"a\":}", "nul", "1 2", "{\"a\":1e999999}"}) {
    EXPECT_FALSE(ParseExactJson(text).has_value()) << text;
  }
}

TEST(ExactJsonTest, MendsTextThatIsNoUtf8) {
  const auto json = ParseExactJson("{\"a\":\"x\xff\"}");
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(MemberText(*json, "a"), "x\xef\xbf\xbd");
}

constexpr char kTokenInUrl[] = "kX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3";
constexpr char kAccount[] = "0190b2c3-0000-7000-8000-00000000000a";

TEST(WebhookUrlTest, IsReadBack) {
  const WebhookUrl url{.platform = "ringba", .account_id = kAccount, .event = "finalized", .token = kTokenInUrl};
  const std::string text = url.Render("https://hooks.example.com/base", "call_id=[Call:InboundCallId]");
  EXPECT_EQ(text, Concat("https://hooks.example.com/base/webhooks/ringba/", kAccount, "/finalized/", kTokenInUrl,
                         "?call_id=[Call:InboundCallId]"));
  const WebhookUrl read = ReadWebhookUrl(text);
  EXPECT_EQ(read.platform, "ringba");
  EXPECT_EQ(read.account_id, kAccount);
  EXPECT_EQ(read.event, "finalized");
  EXPECT_EQ(read.token, kTokenInUrl);
}

TEST(WebhookUrlTest, ShortFormsOfOtherReceiversAreRead) {
  const WebhookUrl with_token =
      ReadWebhookUrl(Concat("/webhooks/retreaver/", kTokenInUrl, "?event=start&account=", kAccount));
  EXPECT_EQ(with_token.token, kTokenInUrl);
  EXPECT_EQ(with_token.event, "start");
  EXPECT_EQ(with_token.account_id, kAccount);
  EXPECT_EQ(ReadWebhookUrl("/webhooks/trackdrive").platform, "trackdrive");
  EXPECT_EQ(ReadWebhookUrl("/telephony/webhook/twilio/voice").platform, "");
  EXPECT_EQ(ReadWebhookUrl("https://h").platform, "");
}

TEST(WebhookUrlTest, ATokenInThePlaceOfTheEventIsAToken) {
  const std::string url = Concat("/webhooks/retreaver/", kAccount, "/", kTokenInUrl, "?event=start");
  EXPECT_EQ(ReadWebhookUrl(url).token, kTokenInUrl);
  EXPECT_EQ(ReadWebhookUrl(url).event, "start");
  EXPECT_EQ(WebhookUrlToKeep(url), Concat("/webhooks/retreaver/", kAccount, "/REDACTED?event=start"));
}

TEST(WebhookUrlTest, IsKeptWithoutItsSecret) {
  const WebhookUrl url{.platform = "ringba", .account_id = kAccount, .event = "payout", .token = kTokenInUrl};
  EXPECT_EQ(WebhookUrlToKeep(url.Render("https://h", "a=1")),
            Concat("https://h/webhooks/ringba/", kAccount, "/payout/REDACTED?a=1"));
  EXPECT_EQ(WebhookUrlToKeep(Concat("/webhooks/ringba/", kTokenInUrl)), "/webhooks/ringba/REDACTED");
}

TEST(RedactionTest, SecretParametersLoseTheirValues) {
  EXPECT_EQ(WithoutSecretParameters("https://a/b?api_key=S&page=2&Call_Key=S&k=S&plain=x&%6bey=S"),
            "https://a/b?api_key=REDACTED&page=2&Call_Key=REDACTED&k=REDACTED&plain=x&%6bey=REDACTED");
}

TEST(RedactionTest, ReachesIntoWhatIsNested) {
  auto json = *ParseExactJson(Concat(
      R"({"recordingUrl":"https://media.ringba.com/recording-public?v=v1&k=SECRET","fired_pixels":[{"fired_pixel":{"url":)",
      R"("https://h/webhooks/retreaver/)", kTokenInUrl,
      R"(?event=ended"}}],"auth_token":"SECRET","key":"pressed 1"})"));
  Redact(&json);
  const std::string text = WriteJson(json);
  EXPECT_EQ(text.find("SECRET"), std::string::npos) << text;
  EXPECT_EQ(text.find(kTokenInUrl), std::string::npos) << text;
  EXPECT_NE(text.find("pressed 1"), std::string::npos) << text;
}

}  // namespace
}  // namespace trunkline::tracking
