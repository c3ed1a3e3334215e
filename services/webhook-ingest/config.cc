#include "services/webhook-ingest/config.h"

#include "libs/base/config.h"

namespace trunkline::webhook_ingest {

WebhookIngestConfig ReadConfig(int argc, const char* const* argv) {
  ConfigReader reader("webhook-ingest", "takes providers' webhooks, checks that they are genuine, and keeps them", argc,
                      argv);
  WebhookIngestConfig config;
  config.log_level = ReadLogLevel(reader);
  config.http_address = reader.Text("http-address", "127.0.0.1", "address for webhooks");
  config.http_port = static_cast<uint16_t>(reader.Int("http-port", 8080, 0, 65535, "port for webhooks; 0 picks one"));
  config.http_threads = static_cast<int>(reader.Int("http-threads", 1, 1, 64, "event loops"));
  config.max_body_bytes =
      reader.Int("max-body-bytes", 1024 * 1024, 1024, 64 * 1024 * 1024, "largest body of a webhook");
  config.max_fields = reader.Int("max-fields", 500, 10, 100'000, "most fields of a form");
  config.max_in_flight =
      reader.Int("max-in-flight", 20'000, 1, 1'000'000, "most webhooks under way; beyond it the answer is 429");
  config.public_url =
      reader.Text("public-url", std::nullopt,
                  "the base that providers know and sign, https://host[:port][/path] without a slash at its end");
  config.trusted_proxies = reader.List(
      "trusted-proxies", "", "addresses whose X-Forwarded-Proto, -Host and -For are believed; others' are ignored");
  config.gateway_address = reader.Text("gateway-address", std::nullopt, "gRPC address of the gateway, host:port");
  config.service_token = reader.Secret("service-token", true, "token between Trunkline's services");
  config.plan_timeout =
      reader.Duration("plan-timeout", absl::Seconds(3), "longest wait for a call plan; then the fallback is played");
  config.fallback_text =
      reader.Text("fallback-text", "We are sorry, we cannot take your call at the moment. Please call again later.",
                  "what a caller hears when there is no plan");
  config.kafka_bootstrap =
      reader.Text("kafka-bootstrap", std::nullopt, "Kafka brokers, host:port, separated by commas");
  config.topic_prefix = reader.Text("topic-prefix", "trunkline.", "what every topic's name begins with");
  config.kafka_timeout =
      reader.Duration("kafka-timeout", absl::Seconds(3), "longest wait for Kafka; then the webhook goes to the spool");
  config.kafka_linger =
      reader.Duration("kafka-linger", absl::Milliseconds(3), "how long a webhook may wait for others to go with");
  config.kafka_max_in_flight = static_cast<int>(
      reader.Int("kafka-max-in-flight", 1, 1, 5,
                 "requests to one broker at a time; more for a broker that is far away and leads many partitions"));
  config.spool_directory =
      reader.Text("spool-dir", std::nullopt, "directory on a durable disk, of this instance alone");
  config.spool_max_bytes = reader.Int("spool-max-bytes", int64_t{4} << 30, 1 << 20, int64_t{1} << 50,
                                      "largest spool; beyond it the answer is 503");
  config.admin_address = reader.Text("admin-address", "127.0.0.1", "address of /metrics, /healthz and /readyz");
  config.admin_port = static_cast<uint16_t>(reader.Int("admin-port", 9102, 0, 65535, "port of the same; 0 picks one"));
  config.drain_delay = reader.Duration("drain-delay", absl::ZeroDuration(),
                                       "how long to go on after readiness went off, for load balancers to notice");
  config.drain_limit =
      reader.Duration("drain-limit", absl::Seconds(15), "longest wait for webhooks under way at the end");
  reader.Finish();
  return config;
}

}  // namespace trunkline::webhook_ingest
