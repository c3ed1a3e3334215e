// Against a real Apache Kafka and against the embedded broker.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <map>
#include <mutex>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/positioned_consumer.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/tail_consumer.h"
#include "libs/kafka/topics.h"
#include "libs/kafka/transactional_producer.h"
#include "tests/support/environment.h"

namespace trunkline::kafka {
namespace {

class KafkaTest : public ::testing::TestWithParam<std::string (*)()> {
 protected:
  KafkaTest() {
    const auto created = CreateTopics({.bootstrap = bootstrap_, .partitions = 2}, topics_);
    EXPECT_TRUE(created.ok()) << created.status();
    EXPECT_TRUE(CreateTopics({.bootstrap = bootstrap_, .partitions = 2}, topics_)->empty());
  }

  void Send(const std::string& key, const std::string& value) {
    std::mutex mutex;
    std::condition_variable reported;
    std::optional<absl::Status> result;
    ASSERT_TRUE(producer_
                    ->Send({.topic = topics_.raw_webhooks, .key = key, .value = value, .headers = {{"h", value}}},
                           [&](absl::Status status) {
                             const std::lock_guard lock(mutex);
                             result = status;
                             reported.notify_one();
                           })
                    .ok());
    std::unique_lock lock(mutex);
    reported.wait(lock, [&] { return result.has_value(); });
    ASSERT_TRUE(result->ok()) << *result;
  }

  std::unique_ptr<Consumer> Read(const std::string& topic, const std::string& group) {
    return *Consumer::Start({.bootstrap = bootstrap_, .group = prefix_ + group, .topics = {topic}});
  }

  // Polls until `wanted` messages are there, however long the group takes to form.
  std::vector<Message> Take(Consumer& consumer, size_t wanted) {
    std::vector<Message> all;
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (all.size() < wanted && absl::Now() < deadline) {
      auto batch = consumer.Poll(100, absl::Milliseconds(200), absl::Milliseconds(5));
      if (!batch.ok()) {
        ADD_FAILURE() << batch.status();
        break;
      }
      std::move(batch->begin(), batch->end(), std::back_inserter(all));
    }
    return all;
  }

  std::string bootstrap_ = GetParam()();
  std::string prefix_ = NewUuid(absl::Now()) + ".";
  Topics topics_{prefix_};
  std::unique_ptr<Producer> producer_ = *Producer::Start({.bootstrap = bootstrap_});
};

TEST_P(KafkaTest, WhatIsSentIsReadWithKeyAndHeaders) {
  Send("k", "v");
  const auto consumer = Read(topics_.raw_webhooks, "g");
  const auto messages = Take(*consumer, 1);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].key(), "k");
  EXPECT_EQ(messages[0].value(), "v");
  EXPECT_EQ(messages[0].Header("h"), "v");
  EXPECT_EQ(messages[0].Header("other"), std::nullopt);
  EXPECT_TRUE(consumer->IsAssigned());
}

TEST_P(KafkaTest, AMemberWithoutPartitionsIsAssignedAsWell) {
  Send("k", "v");
  // One more than a topic of the brokers under test has partitions.
  std::vector<std::unique_ptr<Consumer>> members;
  for (int i = 0; i < 5; ++i) members.push_back(Read(topics_.raw_webhooks, "g"));
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  const auto all_assigned = [&] {
    return std::all_of(members.begin(), members.end(), [](const auto& member) { return member->IsAssigned(); });
  };
  while (!all_assigned() && absl::Now() < deadline) {
    for (const auto& member : members) {
      ASSERT_TRUE(member->Poll(100, absl::Milliseconds(50), absl::Milliseconds(1)).ok());
    }
  }
  EXPECT_TRUE(all_assigned());
}

TEST_P(KafkaTest, OffsetsAreCommittedWithTheResults) {
  Send("k", "1");
  Send("k", "2");
  {
    const auto consumer = Read(topics_.raw_webhooks, "g");
    const auto producer =
        *TransactionalProducer::Start({.bootstrap = bootstrap_,
                                       .transactional_id = prefix_ + "t",
                                       .commit_offsets_again = GetParam() == &testing_support::EmbeddedKafka});
    const auto messages = Take(*consumer, 2);
    ASSERT_EQ(messages.size(), 2u);
    ASSERT_TRUE(producer->Begin().ok());
    ASSERT_TRUE(
        producer->Send({.topic = topics_.call_events, .key = "k", .value = "made of both", .headers = {}}).ok());
    ASSERT_TRUE(producer->Commit(*consumer, messages).ok());
  }
  Send("k", "3");
  const auto again = Read(topics_.raw_webhooks, "g");
  const auto messages = Take(*again, 1);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].value(), "3");
  const auto events = Read(topics_.call_events, "g2");
  EXPECT_EQ(Take(*events, 1).size(), 1u);
}

TEST_P(KafkaTest, TheTailSeesWhatComesAfterItsStart) {
  Send("k", "before");
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<std::string> seen;
  const auto tail =
      TailConsumer::Start({.bootstrap = bootstrap_, .topic = topics_.raw_webhooks}, [&](const Message& message) {
        const std::lock_guard lock(mutex);
        seen.emplace_back(message.value());
        arrived.notify_one();
      });
  ASSERT_TRUE(tail.ok()) << tail.status();
  Send("k", "after");
  std::unique_lock lock(mutex);
  ASSERT_TRUE(arrived.wait_for(lock, std::chrono::seconds(30), [&] { return !seen.empty(); }));
  EXPECT_EQ(seen, std::vector<std::string>{"after"});
}

TEST_P(KafkaTest, ReadingGoesOnAtThePositionsThatWereKept) {
  for (const char* value : {"one", "two", "three"}) Send("k", value);
  std::map<int32_t, int64_t> positions;
  const auto read = [&](size_t wanted) {
    std::vector<std::string> values;
    const auto consumer =
        PositionedConsumer::Start({.bootstrap = bootstrap_, .topic = topics_.raw_webhooks, .positions = positions});
    EXPECT_TRUE(consumer.ok()) << consumer.status();
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (consumer.ok() && values.size() < wanted && absl::Now() < deadline) {
      for (const Message& message : (*consumer)->Poll(1, absl::Milliseconds(200))) {
        values.emplace_back(message.value());
        positions[message.partition()] = message.offset() + 1;
      }
    }
    return values;
  };
  EXPECT_EQ(read(2), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(read(1), std::vector<std::string>{"three"});
  // A position that the broker does not have any more, as after the loss of a topic.
  for (auto& [partition, next_offset] : positions) next_offset = 1'000;
  EXPECT_EQ(read(3), (std::vector<std::string>{"one", "two", "three"}));
}

INSTANTIATE_TEST_SUITE_P(Apache, KafkaTest, ::testing::Values(&testing_support::ApacheKafka));
INSTANTIATE_TEST_SUITE_P(Embedded, KafkaTest, ::testing::Values(&testing_support::EmbeddedKafka));

TEST(ApacheKafkaTest, AnUnfinishedTransactionIsInvisibleAndFenced) {
  const std::string bootstrap = testing_support::ApacheKafka();
  const std::string prefix = NewUuid(absl::Now()) + ".";
  const Topics topics(prefix);
  ASSERT_TRUE(CreateTopics({.bootstrap = bootstrap, .partitions = 1}, topics).ok());
  const TransactionalProducerOptions options{.bootstrap = bootstrap, .transactional_id = prefix + "t"};
  const auto consumer = *Consumer::Start({.bootstrap = bootstrap, .group = prefix, .topics = {topics.call_events}});

  const auto first = *TransactionalProducer::Start(options);
  ASSERT_TRUE(first->Begin().ok());
  ASSERT_TRUE(first->Send({.topic = topics.call_events, .key = "k", .value = "lost", .headers = {}}).ok());
  const auto second = *TransactionalProducer::Start(options);
  ASSERT_TRUE(second->Begin().ok());
  ASSERT_TRUE(second->Send({.topic = topics.call_events, .key = "k", .value = "kept", .headers = {}}).ok());
  ASSERT_TRUE(second->Commit(*consumer, {}).ok());
  EXPECT_FALSE(first->Commit(*consumer, {}).ok());

  std::vector<std::string> seen;
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (seen.empty() && absl::Now() < deadline) {
    const auto batch = consumer->Poll(10, absl::Milliseconds(200), absl::ZeroDuration());
    ASSERT_TRUE(batch.ok()) << batch.status();
    for (const Message& message : *batch) seen.emplace_back(message.value());
  }
  EXPECT_EQ(seen, std::vector<std::string>{"kept"});
}

TEST(ProducerTest, AMessageThatCannotBeDeliveredIsReported) {
  std::optional<absl::Status> result;
  {
    const auto producer = *Producer::Start({.bootstrap = "127.0.0.1:1", .delivery_timeout = absl::Milliseconds(300)});
    ASSERT_TRUE(producer
                    ->Send({.topic = "t", .key = "k", .value = "v", .headers = {}},
                           [&](absl::Status status) { result = status; })
                    .ok());
  }
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->ok());
}

}  // namespace
}  // namespace trunkline::kafka
