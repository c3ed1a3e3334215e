// librdkafka's mock cluster in this process: the real protocol on loopback ports, everything in memory.
//
// What it is not: durable; a judge of transactions (messages of aborted ones stay visible); large (a partition forgets
// its oldest messages). README.md says when to take Apache Kafka instead.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/embedded-kafka/topics.h"

namespace trunkline {

class EmbeddedBroker {
 public:
  // UNAVAILABLE when a port cannot be had.
  static absl::StatusOr<std::unique_ptr<EmbeddedBroker>> Start(int brokers);
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  absl::Status CreateTopic(const EmbeddedTopic& topic);
  // host:port, comma-separated.
  std::string Bootstrap() const;

 private:
  EmbeddedBroker(rd_kafka_t* handle, rd_kafka_mock_cluster_t* cluster);

  rd_kafka_t* handle_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace trunkline
