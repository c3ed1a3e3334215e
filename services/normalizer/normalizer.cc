#include "services/normalizer/normalizer.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/normalizer/publication.h"
#include "services/normalizer/stage.h"

namespace trunkline::normalizer {
namespace {

constexpr absl::Duration kPatience = absl::Milliseconds(200);
constexpr absl::Duration kLargestBackoff = absl::Seconds(5);
constexpr int64_t kCleanedAtOnce = 20'000;

// Waits, but not longer than until the stop is requested.
void WaitUnlessStopped(const std::stop_token& stop, absl::Duration delay) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, absl::ToChronoMilliseconds(delay), [] { return false; });
}

}  // namespace

Normalizer::Normalizer(NormalizerOptions options, const kafka::Topics& topics, const providers::Registry& providers,
                       const tracking::Registry& platforms, postgres::Pool& pool, metrics::Registry& metrics,
                       const Clock& clock)
    : options_(std::move(options)),
      topics_(topics),
      mapper_(providers, platforms),
      processor_(pool, options_.cached_calls),
      pool_(pool),
      metrics_(metrics),
      provider_metrics_(metrics),
      tracking_metrics_(platforms, metrics),
      clock_(clock) {}

absl::Status Normalizer::Readiness() const {
  return is_assigned_ ? absl::OkStatus()
                      : absl::UnavailableError("waiting for PostgreSQL, and for Kafka to give it partitions");
}

void Normalizer::Run(const std::stop_token& stop) {
  Backoff backoff(absl::Milliseconds(100), kLargestBackoff);
  while (!stop.stop_requested()) {
    const absl::Time began = clock_.Now();
    const absl::Status status = RunSession(stop);
    is_assigned_ = false;
    if (status.ok()) continue;
    LogError("session ended; its batch will be read again", {{"error", status}});
    metrics_.Counter("trunkline_normalizer_failed_sessions_total", "Sessions that ended with an error.").Increment();
    if (clock_.Now() - began > 2 * kLargestBackoff) backoff.Reset();
    WaitUnlessStopped(stop, backoff.Next());
  }
}

absl::Status Normalizer::RunSession(const std::stop_token& stop) {
  TL_RETURN_IF_ERROR(KeepHouse(stop));
  TL_ASSIGN_OR_RETURN(
      const std::unique_ptr<kafka::TransactionalProducer> producer,
      kafka::TransactionalProducer::Start({.bootstrap = options_.kafka_bootstrap,
                                           .transactional_id = Concat(options_.group, ".", options_.instance_id),
                                           .commit_offsets_again = options_.embedded_kafka}));
  std::unique_ptr<kafka::Consumer> consumer;
  using Batches = Stage<std::unique_ptr<Batch>>;
  Batches publishing([&](const std::unique_ptr<Batch>& batch) { return Publish(*batch, *consumer, *producer); });
  Batches storing([&](std::unique_ptr<Batch> batch) -> absl::Status {
    TL_RETURN_IF_ERROR(Store(batch.get()));
    return publishing.Put(std::move(batch));
  });
  // The consumer leaves the group last, and finds the stages at rest.
  absl::Cleanup end = [&] {
    storing.Stop();
    publishing.Stop();
    consumer.reset();
  };
  processor_.ForgetCalls();
  TL_ASSIGN_OR_RETURN(
      consumer, kafka::Consumer::Start({.bootstrap = options_.kafka_bootstrap,
                                        .group = options_.group,
                                        .topics = {topics_.raw_webhooks},
                                        .group_instance_id = options_.static_membership ? options_.instance_id : "",
                                        // Else the next owner of the partitions would read the batches again that are
                                        // on their way; and what it writes to their calls is not known here.
                                        .before_revocation = [&] {
                                          storing.Drain().IgnoreError();
                                          publishing.Drain().IgnoreError();
                                          processor_.ForgetCalls();
                                        }}));
  prometheus::Gauge& lag = metrics_.Gauge("trunkline_normalizer_lag_messages", "Raw messages that are not read yet.");
  const absl::Time began = clock_.Now();
  // A session lasts a day at most, so that the house is kept once a day.
  while (!stop.stop_requested() && clock_.Now() - began < absl::Hours(24)) {
    TL_ASSIGN_OR_RETURN(std::vector<kafka::Message> messages,
                        consumer->Poll(options_.batch_size, kPatience, options_.batch_linger));
    lag.Set(static_cast<double>(consumer->Lag()));
    is_assigned_ = consumer->IsAssigned();
    TL_RETURN_IF_ERROR(storing.status());
    TL_RETURN_IF_ERROR(publishing.status());
    if (!messages.empty()) TL_RETURN_IF_ERROR(storing.Put(Map(std::move(messages))));
  }
  TL_RETURN_IF_ERROR(storing.Drain());
  return publishing.Drain();
}

absl::Status Normalizer::KeepHouse(const std::stop_token& stop) {
  TL_RETURN_IF_ERROR(pool_.InTransaction(
      [](postgres::Transaction& tx) { return tx.Execute("SELECT create_monthly_partitions(2)").status(); }));
  const int64_t seconds = absl::ToInt64Seconds(options_.event_source_retention);
  if (seconds == 0) return absl::OkStatus();
  prometheus::Counter& cleaned = metrics_.Counter("trunkline_normalizer_cleaned_event_sources_total",
                                                  "Sources of events that were too old to keep.");
  // In pieces, so that no transaction is long; what a stop leaves over is done tomorrow.
  int64_t deleted = kCleanedAtOnce;
  while (deleted == kCleanedAtOnce && !stop.stop_requested()) {
    TL_ASSIGN_OR_RETURN(deleted, pool_.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const postgres::Result result,
                          tx.Execute("SELECT clean_call_event_sources(make_interval(secs => $1::bigint), $2)",
                                     {seconds, kCleanedAtOnce}));
      return result.Integer(0, 0);
    }));
    cleaned.Increment(static_cast<double>(deleted));
  }
  return absl::OkStatus();
}

std::unique_ptr<Normalizer::Batch> Normalizer::Map(std::vector<kafka::Message> messages) {
  const absl::Time began = clock_.Now();
  auto batch = std::make_unique<Batch>();
  batch->messages = std::move(messages);
  batch->mapped.reserve(batch->messages.size());
  for (const kafka::Message& message : batch->messages) batch->mapped.push_back(mapper_.Map(message));
  ObserveStage("map", clock_.Now() - began);
  return batch;
}

absl::Status Normalizer::Store(Batch* batch) {
  const absl::Time began = clock_.Now();
  TL_ASSIGN_OR_RETURN(batch->processed, processor_.Process(&batch->mapped));
  ObserveStage("store", clock_.Now() - began);
  return absl::OkStatus();
}

void Normalizer::ObserveStage(const char* stage, absl::Duration took) {
  metrics_.Seconds("trunkline_normalizer_batch_seconds", "Time of a batch, by stage.", {{"stage", stage}})
      .Observe(absl::ToDoubleSeconds(took));
}

absl::Status Normalizer::Publish(const Batch& batch, const kafka::Consumer& consumer,
                                 kafka::TransactionalProducer& producer) {
  const absl::Time began = clock_.Now();
  const ProcessedBatch& processed = batch.processed;
  TL_RETURN_IF_ERROR(producer.Begin());
  for (const ProcessedEvent& event : processed.events) {
    TL_RETURN_IF_ERROR(producer.Send(EventMessage(topics_, event, processed.calls.at(event.call_id))));
  }
  for (const auto& [id, call] : processed.calls) TL_RETURN_IF_ERROR(producer.Send(CallMessage(topics_, call)));
  for (const MappedMessage* message : processed.dead_letters) {
    LogWarning("dead letter", {{"reason", message->refusal->reason},
                               {"error", message->refusal->error},
                               {"partition", message->place.partition},
                               {"offset", message->place.offset}});
    TL_RETURN_IF_ERROR(producer.Send(DeadLetterMessage(topics_, *message, clock_.Now())));
  }
  TL_RETURN_IF_ERROR(producer.Commit(consumer, batch.messages));
  ObserveStage("publish", clock_.Now() - began);
  Count(batch.mapped, processed);
  return absl::OkStatus();
}

void Normalizer::Count(const std::vector<MappedMessage>& messages, const ProcessedBatch& batch) {
  const auto events = [this](const char* outcome, int64_t count) {
    metrics_
        .Counter("trunkline_normalizer_events_total", "Call events, by what became of them.", {{"outcome", outcome}})
        .Increment(static_cast<double>(count));
  };
  events("new", batch.new_events);
  events("replayed", batch.replayed_events);
  events("duplicate", batch.duplicate_events);
  provider_metrics_.Count(batch);
  tracking_metrics_.Count(messages, clock_.Now());
  for (const MappedMessage* message : batch.dead_letters) {
    metrics_
        .Counter("trunkline_normalizer_dead_letters_total", "Messages that cannot be processed, by reason.",
                 {{"reason", message->refusal->reason}})
        .Increment();
  }
  metrics_.Counter("trunkline_normalizer_messages_total", "Raw messages processed.")
      .Increment(static_cast<double>(messages.size()));
  prometheus::Histogram& age = metrics_.Seconds("trunkline_normalizer_message_age_seconds",
                                                "Time from the reception of a webhook to its published events.");
  const absl::Time now = clock_.Now();
  for (const MappedMessage& message : messages) {
    age.Observe(absl::ToDoubleSeconds(now - telephony::FromProto(message.raw.received_at())));
  }
}

}  // namespace trunkline::normalizer
