// Reads topics as a member of a consumer group, in batches.
//
// It never commits offsets by itself: the transactional producer commits them together with what was made of the
// messages, or Commit() does when what was made of them is safe elsewhere. Whoever cannot finish a batch throws the
// consumer away and starts a new one, which reads from the last committed offsets again. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/client.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

struct ConsumerOptions {
  std::string bootstrap;
  std::string group;
  std::vector<std::string> topics;
  // Not empty: the member keeps its partitions over a restart with the same id, which no two may have at once.
  std::string group_instance_id = {};
  // Called inside Poll() before partitions are given up: what is still to be committed for them is committed here.
  std::function<void()> before_revocation = {};
  absl::Duration session_timeout = absl::Seconds(10);
  absl::Duration max_poll_interval = absl::Minutes(5);
};

class Consumer {
 public:
  static absl::StatusOr<std::unique_ptr<Consumer>> Start(const ConsumerOptions& options);
  // Leaves the group.
  ~Consumer();

  // Up to `most` messages: waits at most `patience` for the first one, then takes what is there already and what comes
  // within `linger`. FAILED_PRECONDITION: the consumer is to be thrown away.
  absl::StatusOr<std::vector<Message>> Poll(size_t most, absl::Duration patience, absl::Duration linger);

  // What comes after these messages is read by whoever has their partitions next. UNAVAILABLE: they may be read again.
  absl::Status Commit(const std::vector<Message>& messages);

  // How many messages of the assigned partitions are not read yet, as far as the client knows.
  int64_t Lag() const { return LagOf(handle_.get()); }
  // True while the group has given this member its partitions: none, when there are more members than partitions.
  bool IsAssigned() const { return membership_->assigned; }

  rd_kafka_t* raw() const { return handle_.get(); }

 private:
  // What a change of the group's assignment needs and tells; librdkafka keeps its address.
  struct Membership {
    std::function<void()> before_revocation;
    bool assigned = false;
  };

  explicit Consumer(std::function<void()> before_revocation);
  static void Rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t change, rd_kafka_topic_partition_list_t* partitions,
                        void* membership);

  // The handle goes first.
  std::unique_ptr<Membership> membership_;
  Handle handle_;
};

}  // namespace trunkline::kafka
