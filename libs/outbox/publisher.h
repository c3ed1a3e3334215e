// Sends what a table holds to Kafka: messages that were written in the transaction that made them true.
//
//   CREATE TABLE facts_outbox (outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message bytea NOT NULL,
//                              created_at timestamptz NOT NULL, ...)
//
// A message leaves the table when every in-sync replica has it. One that was sent and not removed, because the process
// died in between, is sent again: whoever writes messages gives each an id of its own. Replicas take turns by an
// advisory lock, so that messages go out in the order in which they were written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/message.h"
#include "libs/postgres/pool.h"

namespace trunkline::outbox {

struct Backlog {
  int64_t messages = 0;
  absl::Duration age;  // of the oldest
};

class Publisher {
 public:
  struct Options {
    std::string table;
    int64_t turn;  // the key of the advisory lock
  };
  // What goes to Kafka for a row's bytes.
  using MessageOf = std::function<absl::StatusOr<kafka::OutgoingMessage>(std::string bytes)>;
  // Sends a message and reports on any thread, exactly once, whether it is delivered; see kafka::Producer::Send, whose
  // form it has. An error means that there will be no report.
  using Send = std::function<absl::Status(const kafka::OutgoingMessage&, std::function<void(absl::Status)>)>;

  // The pool (across businesses) outlives the object. `published` is told how many messages left the table.
  Publisher(Options options, postgres::Pool& pool, MessageOf message_of, Send send,
            std::function<void(int64_t)> published);

  // Sends the oldest messages and waits until they are delivered. True when there may be more. UNAVAILABLE when some
  // could not be delivered; they stay in the table.
  absl::StatusOr<bool> PublishBatch();
  // How much waits.
  absl::StatusOr<Backlog> Measure();

 private:
  const Options options_;
  postgres::Pool& pool_;
  const MessageOf message_of_;
  const Send send_;
  const std::function<void(int64_t)> published_;
};

}  // namespace trunkline::outbox
