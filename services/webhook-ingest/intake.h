// Where genuine webhooks go (promise 1): to Kafka, or, with Kafka away, to the spool, from which they are sent later.
//
// One that is neither acknowledged by Kafka nor on the disk is reported as not kept. One that Kafka took although its
// acknowledgement was lost may be sent again from the spool: the normalizer knows events that it has seen.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/metrics/registry.h"
#include "services/webhook-ingest/spool.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::webhook_ingest {

// What keeps a webhook; tests have their own.
class WebhookSink {
 public:
  using Kept = absl::AnyInvocable<void(absl::Status)>;

  virtual ~WebhookSink() = default;
  // Calls `kept` once, on any thread: OK when the webhook can no longer be lost.
  virtual void Keep(const webhooks::v1::RawWebhook& webhook, Kept kept) = 0;
};

class Intake final : public WebhookSink {
 public:
  // Sends a message to Kafka as kafka::Producer::Send does.
  using Send = std::function<absl::Status(const kafka::OutgoingMessage&, kafka::Producer::Delivered)>;

  // The spool and what `send` uses outlive the object.
  Intake(Send send, const kafka::Topics& topics, Spool& spool, metrics::Registry& metrics);
  // Waits until every webhook in hand is reported.
  ~Intake() override;

  void Keep(const webhooks::v1::RawWebhook& webhook, Kept kept) override;

  // True while webhooks go to the spool.
  bool IsSpooling() const { return kafka_away_; }

 private:
  // A webhook in hand, until it is reported.
  struct InHand;

  void OnDelivered(const std::shared_ptr<InHand>& webhook, const absl::Status& status);
  void PutInSpool(std::shared_ptr<InHand> webhook);
  void Report(InHand& webhook, const absl::Status& status);
  void Drain(const std::stop_token& stop);
  // True when everything of the oldest file of the spool is in Kafka.
  bool DrainOnce();

  const Send send_;
  const kafka::Topics& topics_;
  Spool& spool_;
  prometheus::Counter& spooled_;
  prometheus::Counter& drained_;
  prometheus::Gauge& spool_bytes_;
  std::atomic<bool> kafka_away_ = false;
  std::mutex mutex_;
  std::condition_variable_any spool_grew_;
  std::condition_variable_any released_;
  int64_t in_hand_ = 0;
  std::jthread drainer_;
};

}  // namespace trunkline::webhook_ingest
