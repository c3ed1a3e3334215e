// Against a real Apache Kafka and against the embedded broker.
#include "libs/kafka/group_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "tests/support/environment.h"

namespace trunkline::kafka {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);

void Await(const std::function<bool()>& condition) {
  const absl::Time until = absl::Now() + kPatience;
  while (!condition() && absl::Now() < until) std::this_thread::yield();
  EXPECT_TRUE(condition());
}

// Keeps values, or fails as it is told.
class Keeper {
 public:
  absl::Status Keep(const std::vector<Message>& batch) {
    const std::lock_guard lock(mutex_);
    ++batches_;
    if (answer_.ok()) {
      for (const Message& message : batch) kept_.emplace(message.value());
    }
    changed_.notify_all();
    return answer_;
  }
  void Answer(absl::Status answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  bool AwaitKept(size_t wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoSeconds(kPatience), [&] { return kept_.size() >= wanted; });
  }
  bool AwaitBatches(int wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoSeconds(kPatience), [&] { return batches_ >= wanted; });
  }
  std::multiset<std::string> kept() {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  int batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status answer_;
  std::multiset<std::string> kept_;
  int batches_ = 0;
};

class GroupReaderTest : public testing::TestWithParam<std::string (*)()> {
 protected:
  GroupReaderTest() { EXPECT_TRUE(CreateTopics({.bootstrap = bootstrap_, .partitions = 2}, topics_).ok()); }

  void Send(const std::string& value) {
    const auto producer = *Producer::Start({.bootstrap = bootstrap_});
    absl::Status delivered = absl::UnknownError("not told");
    std::mutex mutex;
    std::condition_variable told;
    bool is_told = false;
    ASSERT_TRUE(producer
                    ->Send({.topic = topics_.call_events, .key = value, .value = value, .headers = {}},
                           [&](absl::Status status) {
                             const std::lock_guard lock(mutex);
                             delivered = std::move(status);
                             is_told = true;
                             told.notify_one();
                           })
                    .ok());
    std::unique_lock lock(mutex);
    told.wait(lock, [&] { return is_told; });
    ASSERT_TRUE(delivered.ok()) << delivered;
  }

  GroupReader::Options OptionsOf() {
    return {.name = "reading",
            .consumer = {.bootstrap = bootstrap_,
                         .group = prefix_ + "group",
                         .topics = {topics_.call_events},
                         .session_timeout = absl::Seconds(6)}};
  }
  std::unique_ptr<GroupReader> Read(Keeper& keeper, GroupReader::Options options) {
    return std::make_unique<GroupReader>(
        std::move(options), [&keeper](const std::vector<Message>& batch) { return keeper.Keep(batch); },
        [](int64_t) {});
  }
  std::unique_ptr<GroupReader> Read(Keeper& keeper) { return Read(keeper, OptionsOf()); }

  std::string bootstrap_ = GetParam()();
  std::string prefix_ = NewUuid(absl::Now()) + ".";
  Topics topics_{prefix_};
};

TEST_P(GroupReaderTest, WhatWasKeptIsNotReadAgain) {
  Keeper first;
  Send("one");
  {
    const auto reader = Read(first);
    ASSERT_TRUE(first.AwaitKept(1));
    Send("two");
    ASSERT_TRUE(first.AwaitKept(2));
    EXPECT_TRUE(reader->status().ok()) << reader->status();
  }
  EXPECT_THAT(first.kept(), ElementsAre("one", "two"));
  Keeper second;
  Send("three");
  const auto reader = Read(second);
  ASSERT_TRUE(second.AwaitKept(1));
  EXPECT_THAT(second.kept(), ElementsAre("three"));
}

TEST_P(GroupReaderTest, ABatchThatIsNotKeptComesAgain) {
  Keeper keeper;
  keeper.Answer(absl::UnavailableError("no database"));
  Send("one");
  const auto reader = Read(keeper);
  ASSERT_TRUE(keeper.AwaitBatches(2));
  Await([&] { return reader->status().code() == absl::StatusCode::kUnavailable; });
  EXPECT_THAT(keeper.kept(), Not(Contains("one")));
  keeper.Answer(absl::OkStatus());
  ASSERT_TRUE(keeper.AwaitKept(1));
  Await([&] { return reader->status().ok(); });
  EXPECT_THAT(keeper.kept(), ElementsAre("one"));
}

TEST_P(GroupReaderTest, WhatWasNotKeptAtTheEndIsReadByTheNext) {
  Keeper failing;
  failing.Answer(absl::InternalError("cannot"));
  Send("one");
  {
    const auto reader = Read(failing);
    ASSERT_TRUE(failing.AwaitBatches(1));
  }
  Keeper next;
  const auto reader = Read(next);
  ASSERT_TRUE(next.AwaitKept(1));
  EXPECT_THAT(next.kept(), ElementsAre("one"));
}

TEST_P(GroupReaderTest, NothingIsReadBeforeItMayBegin) {
  Keeper keeper;
  std::atomic<bool> may_begin = false;
  std::atomic<int> asked = 0;
  GroupReader::Options options = OptionsOf();
  options.may_begin = [&] {
    ++asked;
    return may_begin.load();
  };
  Send("one");
  const auto reader = Read(keeper, std::move(options));
  Await([&] { return asked >= 3; });
  EXPECT_TRUE(reader->status().ok()) << "that is no failure: " << reader->status();
  EXPECT_EQ(keeper.batches(), 0);
  may_begin = true;
  EXPECT_TRUE(keeper.AwaitKept(1));
}

INSTANTIATE_TEST_SUITE_P(Apache, GroupReaderTest, testing::Values(&testing_support::ApacheKafka));
INSTANTIATE_TEST_SUITE_P(Embedded, GroupReaderTest, testing::Values(&testing_support::EmbeddedKafka));

TEST(GroupReaderWithoutABrokerTest, EndsSoon) {
  const absl::Time began = absl::Now();
  {
    Keeper keeper;
    std::atomic<int> polls = 0;
    const GroupReader reader(
        {.name = "reading", .consumer = {.bootstrap = "127.0.0.1:1", .group = "group", .topics = {"topic"}}},
        [&](const std::vector<Message>& batch) { return keeper.Keep(batch); }, [&](int64_t) { ++polls; });
    Await([&] { return polls >= 2; });
    EXPECT_EQ(keeper.batches(), 0);
  }
  EXPECT_LT(absl::Now() - began, absl::Seconds(10));
}

}  // namespace
}  // namespace trunkline::kafka
