// Reads all partitions of a topic from now on, as a broadcast: every instance sees every message, and nothing is
// remembered between runs. For what is only interesting live.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/client.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

struct TailConsumerOptions {
  std::string bootstrap;
  std::string topic;
  absl::Duration start_limit = absl::Seconds(30);  // for finding the topic's partitions and their ends
};

class TailConsumer {
 public:
  using OnMessage = std::function<void(const Message&)>;

  // Returns when the positions are fixed: every message that is committed to the topic after Start() returned reaches
  // `on_message`, which is called on a thread of the consumer's own. UNAVAILABLE when the topic cannot be found in
  // time.
  static absl::StatusOr<std::unique_ptr<TailConsumer>> Start(const TailConsumerOptions& options, OnMessage on_message);
  ~TailConsumer();

 private:
  TailConsumer(Handle handle, OnMessage on_message);

  Handle handle_;
  std::jthread reader_;
};

}  // namespace trunkline::kafka
