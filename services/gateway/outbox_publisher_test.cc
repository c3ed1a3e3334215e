#include <atomic>
#include <thread>

#include "libs/outbox/publisher.h"
#include "libs/webhooks/raw_webhook_message.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::SizeIs;

class OutboxPublisherTest : public GatewayFixture {
 protected:
  outbox::Publisher Publisher() {
    return {{.table = "call_facts_outbox", .turn = 1},
            worker_pool_,
            [](std::string bytes) { return webhooks::MessageOfBytes(std::move(bytes), "raw"); },
            [this](const kafka::OutgoingMessage& message, std::function<void(absl::Status)> delivered) {
              absl::Status answer;
              {
                const std::lock_guard lock(mutex_);
                answer = answer_;
                if (answer.ok()) sent_.push_back(message);
              }
              delivered(answer);
              return absl::OkStatus();
            },
            [this](int64_t count) { published_ += count; }};
  }

  std::mutex mutex_;
  absl::Status answer_;
  std::atomic<int64_t> published_ = 0;
  std::vector<kafka::OutgoingMessage> sent_;
};

TEST_F(OutboxPublisherTest, FactsGoOutInOrderAndLeave) {
  const auto call = *Place(Request());
  outbox::Publisher publisher = Publisher();
  EXPECT_FALSE(*publisher.PublishBatch());
  ASSERT_THAT(sent_, SizeIs(2));
  EXPECT_EQ(sent_[0].topic, "raw");
  EXPECT_EQ(sent_[0].key, call.record().call_id());
  webhooks::v1::RawWebhook first;
  ASSERT_TRUE(first.ParseFromString(*sent_[0].value));
  EXPECT_EQ(first.fact().type(), events::v1::CALL_EVENT_TYPE_REQUESTED);
  EXPECT_THAT(sent_[0].headers, ::testing::Contains(std::pair<std::string, std::string>("ce_id", first.webhook_id())));
  EXPECT_THAT(Outbox(), SizeIs(0));
  EXPECT_EQ(published_, 2);
}

TEST_F(OutboxPublisherTest, TheBacklogIsMeasured) {
  outbox::Publisher publisher = Publisher();
  EXPECT_EQ(publisher.Measure()->messages, 0);
  ASSERT_TRUE(Place(Request()).ok());
  EXPECT_EQ(publisher.Measure()->messages, 2);
}

TEST_F(OutboxPublisherTest, WhatIsNotDeliveredStays) {
  ASSERT_TRUE(Place(Request()).ok());
  outbox::Publisher publisher = Publisher();
  answer_ = absl::UnavailableError("Kafka is away");
  EXPECT_EQ(publisher.PublishBatch().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Outbox(), SizeIs(2));
  answer_ = absl::OkStatus();
  EXPECT_TRUE(publisher.PublishBatch().ok());
  EXPECT_THAT(sent_, SizeIs(2));
  EXPECT_THAT(Outbox(), SizeIs(0));
}

TEST_F(OutboxPublisherTest, ManyReplicasSendEachFactOnceAndACallsFactsInOrder) {
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Place(Request()).ok());
  outbox::Publisher publisher = Publisher();
  {
    std::vector<std::jthread> replicas;
    for (int i = 0; i < 3; ++i) {
      replicas.emplace_back([&] {
        for (int j = 0; j < 5; ++j) EXPECT_TRUE(publisher.PublishBatch().ok());
      });
    }
  }
  ASSERT_THAT(sent_, SizeIs(60));
  std::map<std::string, int> facts;
  for (const kafka::OutgoingMessage& message : sent_) {
    webhooks::v1::RawWebhook raw;
    ASSERT_TRUE(raw.ParseFromString(*message.value));
    EXPECT_EQ(raw.fact().type() == events::v1::CALL_EVENT_TYPE_REQUESTED, facts[message.key]++ == 0);
  }
}

}  // namespace
}  // namespace trunkline::gateway
