// News on their way to one link, in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::providers::mock {

class NewsQueue {
 public:
  void Push(webhooks::v1::RawWebhook message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    changed_.notify_one();
  }

  // Waits for the next message; nothing once the queue is closed.
  std::optional<webhooks::v1::RawWebhook> Pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !messages_.empty(); });
    if (closed_) return std::nullopt;
    webhooks::v1::RawWebhook message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<webhooks::v1::RawWebhook> messages_;
  bool closed_ = false;
};

}  // namespace trunkline::providers::mock
