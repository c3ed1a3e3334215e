#include "services/webhook-ingest/intake.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <set>
#include <thread>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

// Kafka as the intake sees it, on or off.
class FakeKafka {
 public:
  absl::Status Send(const kafka::OutgoingMessage& message, kafka::Producer::Delivered delivered) {
    if (!on_) {
      delivered(absl::UnavailableError("away"));
      return absl::OkStatus();
    }
    {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message);
    }
    arrived_.notify_all();
    delivered(absl::OkStatus());
    return absl::OkStatus();
  }

  void Turn(bool on) { on_ = on; }

  std::vector<kafka::OutgoingMessage> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return messages_.size() >= count; });
    return messages_;
  }

 private:
  std::atomic<bool> on_ = true;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<kafka::OutgoingMessage> messages_;
};

class IntakeTest : public ::testing::Test {
 protected:
  IntakeTest() { std::filesystem::remove_all(directory_); }
  ~IntakeTest() override { std::filesystem::remove_all(directory_); }

  void Open(int64_t max_bytes = 1 << 20) {
    intake_.reset();
    spool_.reset();
    spool_ = *Spool::Open(directory_, max_bytes);
    intake_ = std::make_unique<Intake>(
        [this](const kafka::OutgoingMessage& message, kafka::Producer::Delivered delivered) {
          return kafka_.Send(message, std::move(delivered));
        },
        topics_, *spool_, metrics_);
  }

  absl::Status Keep(const std::string& id) {
    webhooks::v1::RawWebhook webhook;
    webhook.set_webhook_id(id);
    webhook.set_call_id("call-" + id);
    std::promise<absl::Status> kept;
    intake_->Keep(webhook, [&kept](const absl::Status& status) { kept.set_value(status); });
    return kept.get_future().get();
  }

  const std::string directory_ =
      Concat(::testing::TempDir(), "/intake-", ::testing::UnitTest::GetInstance()->current_test_info()->name());
  FakeKafka kafka_;
  kafka::Topics topics_;
  metrics::Registry metrics_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Intake> intake_;
};

TEST_F(IntakeTest, WithKafkaThereNothingTouchesTheDisk) {
  Open();
  EXPECT_TRUE(Keep("1").ok());
  const auto messages = kafka_.WaitFor(1);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].topic, "trunkline.webhooks.raw.v1");
  EXPECT_EQ(messages[0].key, "call-1");
  EXPECT_TRUE(spool_->empty());
}

TEST_F(IntakeTest, WithKafkaAwayTheSpoolKeepsAndSendsLater) {
  Open();
  kafka_.Turn(false);
  for (const char* id : {"1", "2", "3"}) EXPECT_TRUE(Keep(id).ok());
  EXPECT_TRUE(intake_->IsSpooling());
  EXPECT_FALSE(spool_->empty());
  kafka_.Turn(true);
  EXPECT_GE(kafka_.WaitFor(3).size(), 3u);
}

TEST_F(IntakeTest, AnotherProcessFindsWhatWasLeftBehind) {
  kafka_.Turn(false);
  Open();
  EXPECT_TRUE(Keep("1").ok());
  Open();
  EXPECT_TRUE(intake_->IsSpooling());
  kafka_.Turn(true);
  const auto messages = kafka_.WaitFor(1);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].key, "call-1");
}

TEST_F(IntakeTest, WhenNeitherTakesItTheCallerIsTold) {
  kafka_.Turn(false);
  Open(/*max_bytes=*/1);
  EXPECT_FALSE(Keep("1").ok());
}

TEST_F(IntakeTest, NothingIsLostWhileKafkaComesAndGoes) {
  Open();
  constexpr int kWebhooks = 2000;
  std::atomic<int> kept = 0;
  {
    const std::jthread weather([&](const std::stop_token& stop) {
      for (bool on = false; !stop.stop_requested(); on = !on) {
        kafka_.Turn(on);
        std::this_thread::yield();
      }
      kafka_.Turn(true);
    });
    for (int i = 0; i < kWebhooks; ++i) kept += Keep(Concat(i)).ok() ? 1 : 0;
  }
  kafka_.Turn(true);
  EXPECT_EQ(kept, kWebhooks);
  std::set<std::string> keys;
  for (size_t wanted = kWebhooks; keys.size() < static_cast<size_t>(kWebhooks); ++wanted) {
    const auto messages = kafka_.WaitFor(wanted);
    ASSERT_GE(messages.size(), wanted) << keys.size();
    for (const auto& message : messages) keys.insert(message.key);
  }
}

}  // namespace
}  // namespace trunkline::webhook_ingest
