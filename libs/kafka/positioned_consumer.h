// Reads all partitions of a topic from positions that its user keeps, such as in the database that also holds what was
// made of the messages. No group is joined, and nothing is committed to Kafka.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/client.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

struct PositionedConsumerOptions {
  std::string bootstrap;
  std::string topic;
  // By partition, the offset to read next. A partition without one is read from its beginning, as is one whose position
  // the broker does not have any more.
  std::map<int32_t, int64_t> positions;
  absl::Duration start_limit = absl::Seconds(30);  // for finding the topic's partitions
};

// Not thread-safe.
class PositionedConsumer {
 public:
  // UNAVAILABLE when the topic cannot be found in time.
  static absl::StatusOr<std::unique_ptr<PositionedConsumer>> Start(const PositionedConsumerOptions& options);
  ~PositionedConsumer();

  // Up to `most` messages: waits at most `patience` for the first one, and takes what is there already.
  std::vector<Message> Poll(size_t most, absl::Duration patience);
  // How many messages are not read yet, as far as the client knows.
  int64_t Lag() const { return LagOf(handle_.get()); }

 private:
  explicit PositionedConsumer(Handle handle) : handle_(std::move(handle)) {}

  Handle handle_;
};

}  // namespace trunkline::kafka
