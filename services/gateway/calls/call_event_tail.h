// Feeds the hub from the topic of call events. Without Kafka it keeps trying; once it runs, the client library comes
// back by itself whenever the brokers do.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "libs/base/background_worker.h"
#include "libs/kafka/tail_consumer.h"
#include "services/gateway/calls/call_event_hub.h"

namespace trunkline::gateway {

class CallEventTail {
 public:
  // The hub outlives the object.
  CallEventTail(kafka::TailConsumerOptions options, CallEventHub& hub);

  // OK once every new event reaches the hub.
  absl::Status status() const { return starter_.status(); }

 private:
  absl::StatusOr<bool> Start();

  const kafka::TailConsumerOptions options_;
  CallEventHub& hub_;
  std::unique_ptr<kafka::TailConsumer> consumer_;
  BackgroundWorker starter_;
};

}  // namespace trunkline::gateway
