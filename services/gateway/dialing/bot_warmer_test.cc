#include "services/gateway/dialing/bot_warmer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

#include "libs/base/status.h"
#include "libs/metrics/registry.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class BotWarmerTest : public ::testing::Test {
 protected:
  BotWarmer::Options options_{
      .campaign_url = "https://bots.example/warm", .retries = 2, .first_pause = absl::Nanoseconds(1)};
  std::vector<http::ClientRequest> asked_;
  std::function<absl::StatusOr<http::Response>(const http::ClientRequest&)> answer_ = [](const http::ClientRequest&) {
    return http::Response{.status = 200};
  };
  metrics::Registry registry_;
  GatewayMetrics metrics_{registry_};
  ManualClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  BotWarmer bots_{options_,
                  [this](const http::ClientRequest& request) {
                    asked_.push_back(request);
                    return answer_(request);
                  },
                  metrics_, clock_};

  absl::StatusOr<calls::v1::WarmUpResult> MakeReady(const control::v1::BotWarmUp& bot,
                                                    const std::string& business = "b") {
    return bots_.MakeReady(*bots_.BotOf(&bot, false),
                           {.business_id = business, .call_id = "c", .campaign_id = "k", .attempt_id = "a"});
  }
  static control::v1::BotWarmUp Bot(const std::string& url, absl::Duration stays = absl::ZeroDuration()) {
    control::v1::BotWarmUp bot;
    bot.set_url(url);
    if (stays > absl::ZeroDuration()) *bot.mutable_stays_ready() = telephony::ToProto(stays);
    return bot;
  }
};

TEST_F(BotWarmerTest, OnlyCallsOfCampaignsGetTheBotOfTheDeployment) {
  EXPECT_FALSE(bots_.BotOf(nullptr, /*of_campaign=*/false).has_value());
  EXPECT_EQ(bots_.BotOf(nullptr, /*of_campaign=*/true)->url(), "https://bots.example/warm");
  const control::v1::BotWarmUp unnamed;
  EXPECT_EQ(bots_.BotOf(&unnamed, /*of_campaign=*/false)->url(), "https://bots.example/warm");
  const control::v1::BotWarmUp named = Bot("https://own.example/");
  EXPECT_EQ(bots_.BotOf(&named, /*of_campaign=*/true)->url(), "https://own.example/");
  EXPECT_EQ(bots_.BotOf(&named, /*of_campaign=*/true)->retries(), 2);
}

TEST_F(BotWarmerTest, ABotIsAskedUntilItIsReady) {
  answer_ = [this](const http::ClientRequest&) -> absl::StatusOr<http::Response> {
    if (asked_.size() == 1) return absl::DeadlineExceededError("no answer");
    return http::Response{.status = asked_.size() == 2 ? 503 : 201};
  };
  const auto ready = MakeReady(Bot("https://own.example/"));
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_EQ(ready->tries(), 3);
  EXPECT_EQ(asked_[0].method, "POST");
  EXPECT_EQ(asked_[0].timeout, absl::Seconds(60));
  EXPECT_THAT(asked_[0].body, HasSubstr("\"campaignId\":\"k\""));
}

TEST_F(BotWarmerTest, WhenNoTrySucceedsNothingMayBeDialled) {
  answer_ = [](const http::ClientRequest&) { return http::Response{.status = 500}; };
  const auto ready = MakeReady(Bot("https://own.example/"));
  EXPECT_EQ(ready.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(ready.status()), Reason::REASON_WARM_UP_FAILED);
  EXPECT_EQ(asked_.size(), 3U);
  EXPECT_THAT(std::string(ready.status().message()), Not(HasSubstr("own.example")));
}

TEST_F(BotWarmerTest, AWarmBotServesABurstOfItsBusinessAndNoOther) {
  const control::v1::BotWarmUp bot = Bot("https://own.example/", absl::Seconds(30));
  ASSERT_TRUE(MakeReady(bot).ok());
  EXPECT_EQ(MakeReady(bot)->tries(), 0);
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_TRUE(bots_.IsReady(bot, "b"));
  EXPECT_FALSE(bots_.IsReady(bot, "another"));
  ASSERT_TRUE(MakeReady(bot, "another").ok());
  EXPECT_EQ(asked_.size(), 2U);
  clock_.Advance(absl::Seconds(30));
  EXPECT_FALSE(bots_.IsReady(bot, "b"));
  ASSERT_TRUE(MakeReady(bot).ok());
  EXPECT_EQ(asked_.size(), 3U);
}

TEST_F(BotWarmerTest, CallsThatComeDuringAWarmUpShareIt) {
  std::promise<void> begun;
  std::promise<void> answer;
  answer_ = [&](const http::ClientRequest&) {
    begun.set_value();
    answer.get_future().wait();
    return http::Response{.status = 200};
  };
  const control::v1::BotWarmUp bot = Bot("https://own.example/");
  auto first = std::async(std::launch::async, [&] { return MakeReady(bot); });
  begun.get_future().wait();
  auto second = std::async(std::launch::async, [&] { return MakeReady(bot); });
  // Whether the second came in time or not, it needs a ready bot; asked again it would break the promise above.
  while (bots_.waiting() < 2) std::this_thread::yield();
  answer.set_value();
  EXPECT_EQ(first.get()->tries(), 1);
  EXPECT_EQ(second.get()->tries(), 0);
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(BotWarmerTest, AProcessThatStopsDoesNotWaitForTheNextTry) {
  answer_ = [this](const http::ClientRequest&) {
    bots_.Close();
    return http::Response{.status = 500};
  };
  EXPECT_EQ(ReasonOf(MakeReady(Bot("https://own.example/")).status()), Reason::REASON_WARM_UP_FAILED);
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(BotWarmerTest, TooManyCallsThatWaitAreSentAway) {
  BotWarmer none(
      {.most_waiting = 0}, [](const http::ClientRequest&) { return http::Response{.status = 200}; }, metrics_, clock_);
  const auto ready = none.MakeReady(Bot("https://own.example/"), {.business_id = "b"});
  EXPECT_EQ(ready.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(RetryAfterOf(ready.status()).has_value());
}

TEST(BotClientOptionsTest, BusinessesCannotReachPrivateAddresses) {
  EXPECT_FALSE(BotClientOptions(false).may_connect(*IpAddress::Parse("169.254.169.254")));
  EXPECT_TRUE(BotClientOptions(false).may_connect(*IpAddress::Parse("8.8.8.8")));
  EXPECT_EQ(BotClientOptions(true).may_connect, nullptr);
}

}  // namespace
}  // namespace trunkline::gateway
