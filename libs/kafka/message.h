// Kafka messages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

struct rd_kafka_message_s;

namespace trunkline::kafka {

using Headers = std::vector<std::pair<std::string, std::string>>;

// To be sent. A value that is not there deletes the key from a compacted topic.
struct OutgoingMessage {
  std::string topic;
  std::string key;
  std::optional<std::string> value;
  Headers headers;
};

// Received. Its views live as long as it does.
class Message {
 public:
  explicit Message(rd_kafka_message_s* message);

  std::string_view topic() const;
  int32_t partition() const;
  int64_t offset() const;
  std::string_view key() const;
  std::string_view value() const;
  absl::Time timestamp() const;
  // The first header of a name; nothing when there is none.
  std::optional<std::string_view> Header(std::string_view name) const;

  rd_kafka_message_s* raw() const { return message_.get(); }

 private:
  struct Destroy {
    void operator()(rd_kafka_message_s* message) const;
  };
  std::unique_ptr<rd_kafka_message_s, Destroy> message_;
};

// A message that nobody can read is passed over, and told in the log.
void LogUnreadable(const Message& message);

// The Protobuf message that is its value; nothing when it is none, which is logged.
template <typename Proto>
std::optional<Proto> ParseValue(const Message& message) {
  Proto value;
  if (value.ParseFromArray(message.value().data(), static_cast<int>(message.value().size()))) return value;
  LogUnreadable(message);
  return std::nullopt;
}

}  // namespace trunkline::kafka
