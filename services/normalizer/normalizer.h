// The loop of the normalizer: read and map a batch, store it, publish it (promise 3).
//
// The three are stages of a pipeline, each with a thread of its own: while one batch is published the next is stored
// and the one after it mapped. Every stage takes the batches in order, so the offsets in Kafka never pass a batch that
// is not published. Stages meet the database and Kafka each alone: only storing writes rows, only publishing sends.
//
// A session is a consumer and a transactional producer. Whatever goes wrong in a session ends it; the next one reads
// again from the last committed offsets, and the sources of the events tell what was stored already. So there is one
// way through a failure, the same as after a crash.
#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/backoff.h"
#include "libs/base/clock.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/topics.h"
#include "libs/kafka/transactional_producer.h"
#include "libs/metrics/registry.h"
#include "libs/postgres/pool.h"
#include "services/normalizer/batch_mapper.h"
#include "services/normalizer/batch_processor.h"
#include "services/normalizer/provider_metrics.h"
#include "services/normalizer/tracking_metrics.h"

namespace trunkline::normalizer {

struct NormalizerOptions {
  std::string kafka_bootstrap;
  std::string group;
  std::string instance_id;
  bool static_membership = false;
  bool embedded_kafka = false;
  size_t batch_size = 5000;
  absl::Duration batch_linger = absl::Milliseconds(2);
  size_t cached_calls = 20'000;
  absl::Duration event_source_retention = absl::Hours(24 * 100);
};

class Normalizer {
 public:
  // Everything outlives the object.
  Normalizer(NormalizerOptions options, const kafka::Topics& topics, const providers::Registry& providers,
             const tracking::Registry& platforms, postgres::Pool& pool, metrics::Registry& metrics, const Clock& clock);

  // Until `stop` is requested. The batch in hand is finished first.
  void Run(const std::stop_token& stop);

  // OK once the group has given this instance its partitions, of which there may be none; else what it waits for. Any
  // thread.
  absl::Status Readiness() const;

 private:
  // A batch on its way through a session.
  struct Batch {
    std::vector<kafka::Message> messages;
    std::vector<MappedMessage> mapped;
    ProcessedBatch processed;
  };

  absl::Status RunSession(const std::stop_token& stop);
  // What is due once a day: the partitions of the months to come, and the sources of events that are too old to matter.
  absl::Status KeepHouse(const std::stop_token& stop);
  std::unique_ptr<Batch> Map(std::vector<kafka::Message> messages);
  // Commits the batch to PostgreSQL.
  absl::Status Store(Batch* batch);
  // Publishes what was stored and commits the offsets.
  absl::Status Publish(const Batch& batch, const kafka::Consumer& consumer, kafka::TransactionalProducer& producer);
  void ObserveStage(const char* stage, absl::Duration took);
  void Count(const std::vector<MappedMessage>& messages, const ProcessedBatch& batch);

  NormalizerOptions options_;
  const kafka::Topics& topics_;
  BatchMapper mapper_;
  BatchProcessor processor_;
  postgres::Pool& pool_;
  metrics::Registry& metrics_;
  ProviderMetrics provider_metrics_;
  TrackingMetrics tracking_metrics_;
  const Clock& clock_;
  std::atomic<bool> is_assigned_ = false;
};

}  // namespace trunkline::normalizer
