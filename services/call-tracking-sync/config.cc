#include "services/call-tracking-sync/config.h"

#include <optional>

namespace trunkline::tracking_sync {
namespace {

void ReadPlaces(ConfigReader& reader, SyncConfig* config) {
  config->serving = serving::ReadServingSettings(reader, 7100, 7101, "host:port by which this replica is known");
  config->database_url = reader.Secret("database-url", true, "connection string of the role trunkline_tracking");
  config->database_connections =
      static_cast<int>(reader.Int("database-connections", 8, 1, 1000, "connections for requests"));
  config->worker_database_url =
      reader.Secret("worker-database-url", true, "connection string of the role trunkline_tracking_worker");
  config->worker_connections =
      static_cast<int>(reader.Int("worker-connections", 8, 3, 1000, "connections that read the platforms"));
  config->kafka_bootstrap =
      reader.Text("kafka-bootstrap", std::nullopt, "Kafka's brokers, host:port separated by commas");
  config->topic_prefix = reader.Text("topic-prefix", "trunkline.", "what all topics begin with");
  config->instance_id = reader.Text("instance-id", "",
                                    "of this replica, the same after a restart and of no other one at the same time; "
                                    "then it goes on at once with its part of the webhooks");
  config->service_token = reader.Secret("service-token", true, "shared by Trunkline's own services");
  config->gateway_address = reader.Text("gateway-address", std::nullopt, "gateway's gRPC, host:port");
  config->public_url =
      reader.Text("public-url", std::nullopt, "base of the webhook URLs, without a slash at its end: webhook-ingest's");
}

}  // namespace

SyncConfig ReadSyncConfig(ConfigReader& reader) {
  SyncConfig config;
  config.log_level = ReadLogLevel(reader);
  ReadPlaces(reader, &config);
  const absl::Duration timeout =
      reader.Duration("api-timeout", absl::ZeroDuration(), "for one request to a platform; 0s: the platform's own");
  if (timeout > absl::ZeroDuration()) config.api_timeout = timeout;
  config.webhook_coalescing = reader.Duration("webhook-coalescing", absl::Seconds(2),
                                              "webhooks of a call within it lead to one reading of its record");
  config.heartbeat = reader.Duration("heartbeat-interval", absl::Seconds(10), "between two signs of life of a replica");
  config.silence = reader.Duration("orphan-detection-threshold", absl::Seconds(60),
                                   "without one, after which a replica's accounts are taken over");
  if (config.heartbeat < absl::Milliseconds(10)) reader.Complain("heartbeat-interval", "must be at least 10ms");
  if (config.silence < 2 * config.heartbeat) {
    reader.Complain("orphan-detection-threshold", "must be at least twice heartbeat-interval");
  }
  config.cached_calls = static_cast<size_t>(
      reader.Int("cached-calls", 100'000, 0, 10'000'000, "calls that are kept in memory for those who read them"));
  reader.Finish();
  return config;
}

}  // namespace trunkline::tracking_sync
