#include "services/normalizer/config.h"

#include "libs/base/config.h"

namespace trunkline::normalizer {

NormalizerConfig ReadConfig(int argc, const char* const* argv) {
  ConfigReader reader("normalizer", "turns raw webhooks into calls and call events, each exactly once", argc, argv);
  NormalizerConfig config;
  config.log_level = ReadLogLevel(reader);
  config.kafka_bootstrap =
      reader.Text("kafka-bootstrap", std::nullopt, "Kafka brokers, host:port, separated by commas");
  config.topic_prefix = reader.Text("topic-prefix", "trunkline.", "what every topic's name begins with");
  config.group = reader.Text("consumer-group", "trunkline.normalizer", "consumer group");
  config.instance_id =
      reader.Text("instance-id", "normalizer-0",
                  "name of this instance, different for each that runs and the same after its restart: "
                  "the pod's name in a StatefulSet");
  config.static_membership = reader.Bool("static-membership", false,
                                         "keep the partitions over a restart (group.instance.id); only with instance "
                                         "ids that are never used twice at once");
  config.embedded_kafka = reader.Bool(
      "embedded-kafka", false, "the broker is Trunkline's embedded one, which forgets offsets sent with a transaction");
  config.database_url = reader.Secret("database-url", true, "PostgreSQL, as role trunkline_normalizer");
  config.admin_address = reader.Text("admin-address", "127.0.0.1", "address of /metrics, /healthz and /readyz");
  config.admin_port = static_cast<uint16_t>(reader.Int("admin-port", 9103, 0, 65535, "port of the same; 0 picks one"));
  config.batch_size = reader.Int("batch-size", 5000, 1, 100'000, "most messages in one database transaction");
  config.batch_linger = reader.Duration("batch-linger", absl::Milliseconds(2), "how long a batch waits to grow");
  config.cached_calls =
      reader.Int("cached-calls", 20'000, 0, 10'000'000, "most calls in progress kept in memory; 0 reads each again");
  config.event_source_retention = reader.Duration(
      "event-source-retention", absl::Hours(24 * 100),
      "how long a webhook that comes again is known for sure, at least 192h; 0 keeps the sources of events for ever");
  if (config.event_source_retention != absl::ZeroDuration() && config.event_source_retention < absl::Hours(24 * 8)) {
    reader.Complain("event-source-retention", "must be 0 or at least 192h: webhooks.raw can be read again for 7 days");
  }
  reader.Finish();
  return config;
}

}  // namespace trunkline::normalizer
