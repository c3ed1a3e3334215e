// webhook-ingest: providers' webhooks in, checked and kept; call plans out.
#include <atomic>
#include <utility>

#include "libs/accounts/account_watch.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "libs/base/status.h"
#include "libs/http/admin_server.h"
#include "libs/http/server.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/metrics/registry.h"
#include "libs/providers/built_in_providers.h"
#include "libs/rpc/channel.h"
#include "services/webhook-ingest/config.h"
#include "services/webhook-ingest/refusal_audit.h"
#include "services/webhook-ingest/webhook_handler.h"

namespace trunkline::webhook_ingest {
namespace {

absl::Status Serve(const WebhookIngestConfig& config, StopSignals& signals) {
  const SystemClock clock;
  metrics::Registry metrics;
  const kafka::Topics topics(config.topic_prefix);
  const providers::Registry registry = providers::BuiltInProviders({.public_url = config.public_url});
  const PublicUrl public_url(config.public_url, config.trusted_proxies);

  const auto gateway = rpc::MakeChannel(config.gateway_address);
  accounts::AccountDirectory directory;
  accounts::AccountWatch watch(gateway, config.service_token, directory);
  PlanClient plans(gateway, config.service_token, config.plan_timeout);
  RefusalAudit audit(gateway, config.service_token, metrics);

  TL_ASSIGN_OR_RETURN(const auto spool, Spool::Open(config.spool_directory, config.spool_max_bytes));
  TL_ASSIGN_OR_RETURN(const auto producer, kafka::Producer::Start({.bootstrap = config.kafka_bootstrap,
                                                                   .linger = config.kafka_linger,
                                                                   .max_in_flight = config.kafka_max_in_flight,
                                                                   .delivery_timeout = config.kafka_timeout}));
  Intake intake([&](const kafka::OutgoingMessage& message,
                    kafka::Producer::Delivered delivered) { return producer->Send(message, std::move(delivered)); },
                topics, *spool, metrics);
  WebhookHandler handler(
      {.max_fields = config.max_fields, .max_in_flight = config.max_in_flight, .fallback_text = config.fallback_text},
      public_url, registry, directory, intake, plans,
      [&](audit::v1::RefusedWebhook webhook) { audit.Record(std::move(webhook)); }, metrics, clock);

  prometheus::Histogram& seconds = metrics.Seconds("trunkline_ingest_request_seconds", "Time to answer a webhook.");
  TL_ASSIGN_OR_RETURN(
      const auto server,
      http::Server::Start(
          {.address = config.http_address,
           .port = config.http_port,
           .threads = config.http_threads,
           .max_body_bytes = static_cast<size_t>(config.max_body_bytes),
           .on_answered = [&](int, absl::Duration took) { seconds.Observe(absl::ToDoubleSeconds(took)); }},
          [&](http::Request request, http::Responder respond) {
            handler.Handle(std::move(request), std::move(respond));
          }));
  std::atomic<bool> draining = false;
  TL_ASSIGN_OR_RETURN(const auto admin,
                      http::StartAdminServer({.address = config.admin_address,
                                              .port = config.admin_port,
                                              .metrics = [&] { return metrics.Text(); },
                                              .readiness =
                                                  [&] {
                                                    if (draining) return absl::UnavailableError("stopping");
                                                    if (directory.Get() != nullptr) return absl::OkStatus();
                                                    return absl::UnavailableError("waiting for the provider accounts");
                                                  }}));
  LogInfo("started", {{"http_port", server->port()}, {"admin_port", admin->port()}});

  signals.Wait();
  draining = true;
  LogInfo("draining");
  signals.WaitFor(config.drain_delay);
  server->Drain(config.drain_limit);
  return absl::OkStatus();
}

}  // namespace
}  // namespace trunkline::webhook_ingest

int main(int argc, char** argv) {
  using namespace trunkline;
  StartLog("webhook-ingest", LogLevel::kInfo);
  const webhook_ingest::WebhookIngestConfig config = webhook_ingest::ReadConfig(argc, argv);
  StartLog("webhook-ingest", config.log_level);
  StopSignals signals;
  const absl::Status status = webhook_ingest::Serve(config, signals);
  if (!status.ok()) LogError("cannot go on", {{"error", status}});
  return status.ok() ? 0 : 1;
}
