// Publishes what was made of a batch of messages and commits the batch's offsets, both or neither.
//
//   producer.Begin();
//   producer.Send(event) ...
//   producer.Commit(consumer, batch);
//
// Any error ends its usefulness: throw it and its consumer away; the next producer with the same id fences it, and what
// was sent in an unfinished transaction is invisible to consumers that read committed data. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/client.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

struct TransactionalProducerOptions {
  std::string bootstrap;
  std::string transactional_id;  // one for each running instance, the same after its restart
  absl::Duration timeout = absl::Seconds(30);
  // For the embedded broker, which forgets offsets that are sent with a transaction: commits them by themselves as
  // well.
  bool commit_offsets_again = false;
};

class TransactionalProducer {
 public:
  // Fences every older producer of the same id, and waits until its transaction is over.
  static absl::StatusOr<std::unique_ptr<TransactionalProducer>> Start(const TransactionalProducerOptions& options);

  absl::Status Begin();
  absl::Status Send(const OutgoingMessage& message);
  // Commits the messages sent since Begin() together with the offsets after the last message of each partition in
  // `consumed`.
  absl::Status Commit(const Consumer& consumer, const std::vector<Message>& consumed);

 private:
  TransactionalProducer(Handle handle, int timeout_milliseconds, bool commit_offsets_again);

  Handle handle_;
  int timeout_milliseconds_;
  bool commit_offsets_again_;
};

}  // namespace trunkline::kafka
