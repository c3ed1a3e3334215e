// Sends messages, each acknowledged by all in-sync replicas before it counts as sent.
//
// Idempotent: what librdkafka sends again by itself is in the log once and in order. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/client.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

struct ProducerOptions {
  std::string bootstrap;
  absl::Duration linger = absl::Milliseconds(2);  // waits so long to fill a batch
  // Requests to one broker that may be unanswered at a time, 1 to 5. librdkafka sends a request for each partition:
  // with 1, what comes while a request is on its way gathers into larger batches, which costs client and broker much
  // less under load; but a broker is then asked for one partition after the other, each a round trip.
  int max_in_flight = 5;
  absl::Duration delivery_timeout = absl::Seconds(10);  // then a message is given up
  int64_t max_queued_messages = 200'000;
  int64_t max_queued_kilobytes = 262'144;
};

class Producer {
 public:
  // Called once for each message, on the producer's own thread: OK when every in-sync replica has the message. Any
  // other status may be wrong in one direction: the message may be in the log all the same.
  using Delivered = absl::AnyInvocable<void(absl::Status)>;

  static absl::StatusOr<std::unique_ptr<Producer>> Start(const ProducerOptions& options);
  // Waits for what is under way for at most the delivery timeout.
  ~Producer();

  // An error means that `delivered` will not be called: the queue is full, or the message can never be sent.
  absl::Status Send(const OutgoingMessage& message, Delivered delivered);

  // Waits until everything is delivered or given up. DEADLINE_EXCEEDED when some is not after `limit`.
  absl::Status Flush(absl::Duration limit);

 private:
  Producer(Handle handle, absl::Duration delivery_timeout);

  Handle handle_;
  absl::Duration delivery_timeout_;
  std::jthread poller_;
};

}  // namespace trunkline::kafka
