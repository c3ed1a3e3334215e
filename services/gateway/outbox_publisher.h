// Sends the facts of the outbox to Kafka, as messages of the topic of raw webhooks, keyed by call_id.
//
// A fact leaves the outbox when every in-sync replica has it. One that was sent and not removed, because the process
// died in between, is sent again: it has the same event_id. Replicas take turns by an advisory lock, so that the facts
// of a call go out in the order in which they were committed.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/kafka/message.h"
#include "libs/postgres/pool.h"
#include "services/gateway/metrics/gateway_metrics.h"

namespace trunkline::gateway {

class OutboxPublisher {
 public:
  // Sends a message and reports on any thread, exactly once, whether it is delivered; see kafka::Producer::Send, whose
  // form it has. An error means that there will be no report.
  using Send = std::function<absl::Status(const kafka::OutgoingMessage&, std::function<void(absl::Status)>)>;

  // Pool (across businesses), metrics and clock outlive the object.
  OutboxPublisher(postgres::Pool& pool, std::string topic, Send send, GatewayMetrics& metrics, const Clock& clock);

  // Sends the oldest facts and waits until they are delivered. True when there may be more. UNAVAILABLE when some could
  // not be delivered; they stay in the outbox.
  absl::StatusOr<bool> PublishBatch();
  // Tells the metrics how much waits.
  absl::Status Measure();

 private:
  postgres::Pool& pool_;
  const std::string topic_;
  const Send send_;
  GatewayMetrics& metrics_;
  const Clock& clock_;
};

}  // namespace trunkline::gateway
