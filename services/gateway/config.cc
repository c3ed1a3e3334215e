#include "services/gateway/config.h"

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/secrets.h"
#include "libs/base/text.h"
#include "libs/providers/api_url.h"
#include "services/gateway/accounts/destination_policy.h"

namespace trunkline::gateway {
namespace {

constexpr size_t kKeyBytes = 32;

uint16_t Port(ConfigReader& reader, std::string_view name, int64_t fallback, std::string_view help) {
  return static_cast<uint16_t>(reader.Int(name, fallback, 0, 65'535, help));
}

int Count(ConfigReader& reader, std::string_view name, int64_t fallback, int64_t largest, std::string_view help) {
  return static_cast<int>(reader.Int(name, fallback, 1, largest, help));
}

std::string WithoutSlash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

std::set<std::string> Origins(std::string_view list) {
  std::set<std::string> origins;
  for (const std::string_view origin : Split(list, ',')) {
    if (!Trim(origin).empty()) origins.emplace(Trim(origin));
  }
  return origins;
}

}  // namespace

GatewayConfig ReadGatewayConfig(ConfigReader& reader) {
  GatewayConfig config;
  config.log_level = ReadLogLevel(reader);
  config.grpc_address = reader.Text("grpc-address", "127.0.0.1", "address of the gRPC API");
  config.grpc_port = Port(reader, "grpc-port", 7070, "port of the gRPC API; 0 picks one");
  config.grpc_threads = Count(reader, "grpc-threads", 256, 1'000, "calls that may wait for a database or a provider");
  config.grpc_queue = Count(reader, "grpc-queue", 1'000, 100'000, "calls that may wait until one of those has ended");
  config.admin_address = reader.Text("admin-address", "127.0.0.1", "address of the admin port");
  config.admin_port = Port(reader, "admin-port", 7071, "port of /metrics, /healthz and /readyz; 0 picks one");
  config.http_address = reader.Text("http-address", "127.0.0.1", "address of the HTTP/JSON API");
  config.http_port = Port(reader, "http-port", 0, "port of the HTTP/JSON API; 0: none");
  config.http_threads = Count(reader, "http-threads", 2, 64, "event loops of the HTTP/JSON API");
  config.recording_downloads =
      Count(reader, "recording-downloads", 32, 1'000, "recordings that are sent to clients at the same time");
  config.http_public_url =
      WithoutSlash(reader.Text("http-public-url", Concat("http://", config.http_address, ":", config.http_port),
                               "base of the HTTP/JSON API as clients reach it; download links begin with it"));
  config.cors_origins =
      Origins(reader.Text("cors-origins", "", "origins whose pages may use the HTTP/JSON API, separated by commas"));
  config.database_url = reader.Secret("database-url", true, "connection string of the role trunkline_gateway");
  config.database_connections = Count(reader, "database-connections", 16, 1'000, "connections of that role");
  config.worker_database_url =
      reader.Secret("worker-database-url", true, "connection string of the role trunkline_gateway_worker");
  config.worker_connections = Count(reader, "worker-connections", 16, 1'000, "connections of that role");
  config.kafka_bootstrap =
      reader.Text("kafka-bootstrap", std::nullopt, "Kafka's brokers, host:port separated by commas");
  config.topic_prefix = reader.Text("topic-prefix", "trunkline.", "what all topics begin with");
  config.public_url =
      WithoutSlash(reader.Text("public-url", std::nullopt, "base of the URLs that providers are given"));
  config.service_token = reader.Secret("service-token", true, "shared by Trunkline's own services");
  const std::string key = reader.Secret("credential-key", true, "64 hexadecimal digits; seals stored credentials");
  config.credential_key = HexDecode(key).value_or("");
  const std::string link_key =
      reader.Secret("link-key", false, "64 hexadecimal digits; signs download links. Made of credential-key if empty");
  // Of one key two, so that neither tells anything of the other.
  config.link_key = link_key.empty() ? HmacSha256(config.credential_key, "trunkline download links")
                                     : HexDecode(link_key).value_or("");
  if (config.link_key.size() != kKeyBytes) {
    reader.Complain("link-key", "must be 64 hexadecimal digits: openssl rand -hex 32");
  }
  config.secrets_directory = SecretsDirectoryFromEnvironment();
  config.account_secret_prefix = reader.Text(
      "account-secret-prefix", "account-{business_id}-",
      "provider accounts may refer to secrets whose names begin with this; {business_id} stands for theirs");
  if (config.account_secret_prefix.empty()) {
    reader.Complain("account-secret-prefix", "must not be empty: accounts could refer to the services' own secrets");
  }
  config.single_tenant_business =
      reader.Text("single-tenant-business", "",
                  "id of the business whose accounts at call-tracking platforms the environment describes");
  if (!config.single_tenant_business.empty() && !IsUuid(config.single_tenant_business)) {
    reader.Complain("single-tenant-business", "must be the id of a business, a UUID");
  }
  config.environment = tracking::ProcessEnvironment();
  config.scheduler_address = reader.Text(
      "scheduler-address", "", "campaign-scheduler's gRPC, host:port; without it the HTTP API serves no campaigns");
  config.governor_addresses = reader.List("governor-address", "",
                                          "concurrency-governor's gRPC, host:port separated by "
                                          "commas; without it every call is admitted");
  config.admission_wait =
      reader.Duration("admission-wait", absl::Seconds(1), "how long a call may wait for a slot; at most 60s");
  config.bots.campaign_url =
      reader.Text("bot-warmup-url", "",
                  "asked before each call of a campaign that names no bot of its own; empty: none", "BOT_WARMUP_URL");
  if (!config.bots.campaign_url.empty() && !providers::IsApiUrl(config.bots.campaign_url)) {
    reader.Complain("bot-warmup-url", "must be an https URL without query and user");
  }
  config.bots.timeout = absl::Milliseconds(
      reader.Int("bot-warmup-timeout", 60'000, 1, 300'000, "milliseconds for one try", "BOT_WARMUP_TIMEOUT"));
  config.bots.retries =
      static_cast<int>(reader.Int("bot-warmup-retries", 3, 0, 10, "tries after the first", "BOT_WARMUP_RETRIES"));
  config.bots.private_addresses =
      reader.Bool("bot-warmup-private-addresses", false, "bots may be at private addresses, and at the machine's own");
  config.provider_api_timeout =
      reader.Duration("provider-api-timeout", absl::Seconds(10), "for one request to a provider");
  config.dial_margin =
      reader.Duration("dial-margin", absl::Seconds(3), "beyond provider-api-timeout, before a dial is looked after");
  config.dial_settle_time =
      reader.Duration("dial-settle-time", absl::Seconds(20), "how long a provider's list of calls may lag behind");
  config.dial_clock_skew =
      reader.Duration("dial-clock-skew", absl::Seconds(5), "how far a provider's clock may be from ours");
  config.dial_lease = reader.Duration("dial-lease", absl::Minutes(2),
                                      "how long a dial in doubt is left to the process that looks after it");
  config.reconciler_threads =
      Count(reader, "reconciler-threads", 8, 64, "dials that are looked after at the same time");
  const auto prefixes = DestinationPolicy::ReadPrefixes(reader.Text(
      "high-risk-prefixes", std::string(DestinationPolicy::kUsualHighRisk),
      "numbers that begin with one of these are blocked unless a business allows them; separated by commas"));
  if (prefixes.ok()) {
    config.high_risk_prefixes = *prefixes;
  } else {
    reader.Complain("high-risk-prefixes", ToStd(prefixes.status().message()));
  }
  config.watchers = Count(reader, "watchers", 20'000, 1'000'000, "WatchCalls streams and WebSockets at the same time");
  config.watcher_queue = Count(reader, "watcher-queue", 1'000, 1'000'000, "events that may wait for one watcher");
  config.socket_idle_timeout =
      reader.Duration("socket-idle-timeout", absl::Seconds(60),
                      "how long the client of a WebSocket may be silent; it is pinged after half of that");
  config.drain_delay =
      reader.Duration("drain-delay", absl::Seconds(1), "how long calls are still taken after readiness is off");
  config.drain_limit = reader.Duration("drain-limit", absl::Seconds(20), "for the calls under way at the end");
  if (config.admission_wait > absl::Minutes(1)) reader.Complain("admission-wait", "must be at most 60s");
  if (config.credential_key.size() != kKeyBytes && !key.empty()) {
    reader.Complain("credential-key", "must be 64 hexadecimal digits: openssl rand -hex 32");
  }
  reader.Finish();
  return config;
}

}  // namespace trunkline::gateway
