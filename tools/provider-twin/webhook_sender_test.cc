#include "tools/provider-twin/webhook_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "libs/base/text.h"
#include "tools/provider-twin/fake_transport.h"
#include "tools/provider-twin/manual_scheduler.h"

namespace trunkline::twin {
namespace {

class WebhookSenderTest : public testing::Test {
 protected:
  Webhook Notification(std::string url = "http://hooks/") {
    Webhook webhook;
    webhook.kind = "status";
    webhook.url = std::move(url);
    return webhook;
  }

  ManualScheduler scheduler_{absl::UnixEpoch()};
  World world_{scheduler_};
  FakeTransport transport_;
  WebhookSender sender_{world_, transport_};
};

TEST_F(WebhookSenderTest, LatencyPassesBeforeTheWebhook) {
  world_.settings.webhook_latency_ms = 100;
  std::optional<int> status;
  sender_.Send(Notification(), [&](const auto& response) { status = response->status; });
  scheduler_.Advance(absl::Milliseconds(99));
  EXPECT_TRUE(transport_.requests.empty());
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(transport_.requests.size(), 1);
  EXPECT_EQ(status, 204);
  EXPECT_TRUE(sender_.log().entries().front()->done);
}

TEST_F(WebhookSenderTest, LostNotificationIsNeverSentAndSaidToBeDropped) {
  world_.settings.webhook_loss = 1;
  sender_.Send(Notification());
  scheduler_.Advance(absl::Hours(1));
  EXPECT_TRUE(transport_.requests.empty());
  EXPECT_TRUE(sender_.log().entries().front()->dropped);
}

TEST_F(WebhookSenderTest, RequestForInstructionsIsNeitherLostNorDoubled) {
  world_.settings.webhook_loss = 1;
  world_.settings.webhook_duplication = 1;
  Webhook webhook = Notification();
  webhook.is_notification = false;
  sender_.Send(webhook);
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(transport_.requests.size(), 1);
}

TEST_F(WebhookSenderTest, DoubledNotificationIsTheSameTwice) {
  world_.settings.webhook_duplication = 1;
  Webhook webhook = Notification();
  webhook.headers = {{"I-Twilio-Idempotency-Token", "t"}};
  sender_.Send(webhook);
  scheduler_.Advance(absl::Hours(1));
  ASSERT_EQ(transport_.requests.size(), 2);
  EXPECT_EQ(transport_.requests[0].headers, transport_.requests[1].headers);
  EXPECT_TRUE(sender_.log().entries().front()->duplicated);
}

TEST_F(WebhookSenderTest, ReorderingLetsNotificationsOvertake) {
  world_.settings.webhook_reorder_ms = 1000;
  for (int i = 0; i < 20; ++i) sender_.Send(Notification(Concat("http://hooks/", i)));
  scheduler_.Advance(absl::Seconds(1));
  ASSERT_EQ(transport_.requests.size(), 20);
  bool in_order = true;
  for (int i = 0; i < 20; ++i) in_order &= transport_.requests[i].url == Concat("http://hooks/", i);
  EXPECT_FALSE(in_order);
}

TEST_F(WebhookSenderTest, SameSeedGivesTheSameLosses) {
  world_.settings.webhook_loss = 0.5;
  std::vector<bool> first;
  for (int round = 0; round < 2; ++round) {
    world_.chance.Reseed(42);
    sender_.Reset();
    for (int i = 0; i < 50; ++i) sender_.Send(Notification());
    std::vector<bool> dropped;
    for (const auto& record : sender_.log().entries()) dropped.push_back(record->dropped);
    if (round == 0) first = dropped;
    EXPECT_EQ(dropped, first);
  }
}

TEST_F(WebhookSenderTest, OnlyWhatThePolicyNamesIsTriedAgain) {
  transport_.answer = [](const auto&) { return http::Response{.status = 503}; };
  Webhook webhook = Notification();
  webhook.retry = {.retries = 3, .on_connect_failure = true};
  sender_.Send(webhook);
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_EQ(transport_.requests.size(), 1);

  webhook.retry.on_5xx = true;
  sender_.Send(webhook);
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_EQ(transport_.requests.size(), 1 + 4);
  EXPECT_EQ(sender_.log().entries().back()->attempts, 4);
  EXPECT_EQ(sender_.log().entries().back()->status, 503);
}

TEST_F(WebhookSenderTest, RetriesEndWhenOneSucceeds) {
  int asked = 0;
  transport_.answer = [&asked](const auto&) -> absl::StatusOr<http::Response> {
    if (++asked < 3) return absl::UnavailableError("connection refused");
    return http::Response{.status = 200};
  };
  Webhook webhook = Notification();
  webhook.retry = {.retries = 5, .on_connect_failure = true};
  int done = 0;
  sender_.Send(webhook, [&done](const auto& response) {
    ++done;
    EXPECT_TRUE(response.ok());
  });
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(done, 1);
}

TEST_F(WebhookSenderTest, TriesEndWithTheTotalTime) {
  transport_.answer = [this](const auto&) -> absl::StatusOr<http::Response> {
    scheduler_.Advance(absl::Seconds(6));
    return absl::DeadlineExceededError("no answer");
  };
  Webhook webhook = Notification();
  webhook.retry = {.retries = 5, .on_no_answer = true};
  sender_.Send(webhook);
  scheduler_.Advance(absl::Minutes(5));
  EXPECT_EQ(transport_.requests.size(), 3);
  EXPECT_LT(transport_.requests.back().timeout, absl::Seconds(4));
}

TEST_F(WebhookSenderTest, ResetForgetsWhatIsNotSentYet) {
  world_.settings.webhook_latency_ms = 100;
  sender_.Send(Notification());
  sender_.Reset();
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(WebhookSenderTest, LogKeepsTheLast) {
  world_.log_capacity = 3;
  WebhookSender sender(world_, transport_);
  for (int i = 0; i < 5; ++i) sender.Send(Notification(Concat("http://hooks/", i)));
  EXPECT_EQ(sender.log().entries().size(), 3);
  EXPECT_EQ(sender.log().dropped(), 2);
  EXPECT_EQ(sender.log().entries().front()->webhook.url, "http://hooks/2");
}

}  // namespace
}  // namespace trunkline::twin
