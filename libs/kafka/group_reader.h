// Reads topics as a member of a consumer group, on a thread of its own, and hands batch after batch to whoever keeps
// what they tell. A batch's offsets are committed when it is kept; one that is not comes again, here or at another
// member. So every message is kept at least once, whatever fails.
//
//   GroupReader reader({.name = "reading call events", .consumer = {.bootstrap = ..., .group = ..., .topics = {...}}},
//                      [&](const std::vector<Message>& batch) { return store.Keep(batch); },
//                      [&](int64_t lag) { metrics.SetLag(lag); });
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/background_worker.h"
#include "libs/kafka/consumer.h"

namespace trunkline::kafka {

class GroupReader {
 public:
  struct Options {
    std::string name;          // of the work, for logs: "reading call events"
    ConsumerOptions consumer;  // with a session_timeout after which others read what a reader that died had to read
    size_t batch = 2'000;      // messages at most
    absl::Duration linger = absl::Milliseconds(2);  // how long a batch waits to grow
    // Asked before the group is joined, again and again until it says so; may be empty.
    std::function<bool()> may_begin = {};
  };
  // OK when everything of the batch, which is not empty, is safe; after an error it comes again in a while. May block,
  // shorter than the consumer's max_poll_interval.
  using Keep = std::function<absl::Status(const std::vector<Message>& batch)>;
  // How many messages are not read yet.
  using TellLag = std::function<void(int64_t lag)>;

  // Both are called on the reader's thread.
  GroupReader(Options options, Keep keep, TellLag tell_lag);
  // Leaves the group, after the batch under way.
  ~GroupReader() = default;

  // OK while messages are read and kept, and while it may not begin. Any thread; does not block.
  absl::Status status() const { return worker_.status(); }

 private:
  absl::StatusOr<bool> Read();
  absl::Status ReadBatch();

  const Options options_;
  const Keep keep_;
  const TellLag tell_lag_;
  std::unique_ptr<Consumer> consumer_;
  BackgroundWorker worker_;
};

}  // namespace trunkline::kafka
