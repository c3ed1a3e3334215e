// normalizer: raw webhooks in, calls and call events out, each fact exactly once.
#include <thread>

#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "libs/http/admin_server.h"
#include "libs/kafka/topics.h"
#include "libs/metrics/registry.h"
#include "libs/postgres/pool.h"
#include "libs/providers/built_in_providers.h"
#include "libs/tracking/built_in_platforms.h"
#include "services/normalizer/config.h"
#include "services/normalizer/normalizer.h"

int main(int argc, char** argv) {
  using namespace trunkline;

  StartLog("normalizer", LogLevel::kInfo);
  const normalizer::NormalizerConfig config = normalizer::ReadConfig(argc, argv);
  StartLog("normalizer", config.log_level);
  StopSignals signals;

  const SystemClock clock;
  metrics::Registry metrics;
  const kafka::Topics topics(config.topic_prefix);
  const providers::Registry providers = providers::BuiltInProviders({});
  const tracking::Registry platforms = tracking::BuiltInPlatforms({.clock = &clock});
  postgres::Pool pool({.url = config.database_url, .size = 1});
  normalizer::Normalizer normalizer({.kafka_bootstrap = config.kafka_bootstrap,
                                     .group = config.group,
                                     .instance_id = config.instance_id,
                                     .static_membership = config.static_membership,
                                     .embedded_kafka = config.embedded_kafka,
                                     .batch_size = static_cast<size_t>(config.batch_size),
                                     .batch_linger = config.batch_linger,
                                     .cached_calls = static_cast<size_t>(config.cached_calls),
                                     .event_source_retention = config.event_source_retention},
                                    topics, providers, platforms, pool, metrics, clock);

  const auto admin = http::StartAdminServer({.address = config.admin_address,
                                             .port = config.admin_port,
                                             .metrics = [&] { return metrics.Text(); },
                                             .readiness = [&] { return normalizer.Readiness(); }});
  if (!admin.ok()) {
    LogError("cannot start", {{"error", admin.status()}});
    return 1;
  }

  std::jthread loop([&](const std::stop_token& stop) { normalizer.Run(stop); });
  LogInfo("started", {{"admin_port", (*admin)->port()}});
  signals.Wait();
  LogInfo("stopping after the batch in hand");
  loop.request_stop();
  loop.join();
  return 0;
}
