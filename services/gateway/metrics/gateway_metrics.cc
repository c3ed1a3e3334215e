#include "services/gateway/metrics/gateway_metrics.h"

#include <string>
#include <utility>

namespace trunkline::gateway {

void GatewayMetrics::CountDial(std::string_view provider, std::string_view outcome) {
  registry_
      .Counter("trunkline_gateway_dials_total", "What came of dials, by provider.",
               {{"provider", std::string(provider)}, {"outcome", std::string(outcome)}})
      .Increment();
}

void GatewayMetrics::ObserveStage(const std::string& stage, absl::Duration took) {
  registry_
      .Seconds("trunkline_gateway_dial_stage_seconds", "Time of each stage of the dial pipeline.", {{"stage", stage}})
      .Observe(absl::ToDoubleSeconds(took));
}

void GatewayMetrics::ObserveWarmUp(bool ready, absl::Duration took) {
  registry_
      .Seconds("trunkline_gateway_warm_up_seconds", "Time until a bot was ready, or given up, with all tries.",
               {{"outcome", ready ? "ready" : "failed"}})
      .Observe(absl::ToDoubleSeconds(took));
}

void GatewayMetrics::ObserveProvider(std::string_view provider, const std::string& operation, absl::Duration took) {
  registry_
      .Seconds("trunkline_gateway_provider_api_seconds", "Time of a request to a provider's API.",
               {{"provider", std::string(provider)}, {"operation", operation}})
      .Observe(absl::ToDoubleSeconds(took));
}

void GatewayMetrics::SetUnresolvedDials(int64_t count) {
  registry_.Gauge("trunkline_gateway_unresolved_dials", "Dials that are due to be looked after, in all replicas.")
      .Set(static_cast<double>(count));
}

void GatewayMetrics::SetOutbox(int64_t rows, absl::Duration age) {
  registry_.Gauge("trunkline_gateway_outbox_rows", "Facts that are not in Kafka yet.").Set(static_cast<double>(rows));
  registry_.Gauge("trunkline_gateway_outbox_age_seconds", "Age of the oldest fact that is not in Kafka yet.")
      .Set(absl::ToDoubleSeconds(age));
}

void GatewayMetrics::CountFactsPublished(int64_t count) {
  registry_.Counter("trunkline_gateway_facts_published_total", "Facts handed to Kafka.")
      .Increment(static_cast<double>(count));
}

void GatewayMetrics::CountLinkMessage(std::string_view provider, std::string_view outcome) {
  registry_
      .Counter("trunkline_gateway_link_messages_total", "Messages that came over links to providers.",
               {{"provider", std::string(provider)}, {"outcome", std::string(outcome)}})
      .Increment();
}

void GatewayMetrics::SetLink(std::string_view provider_account_id, bool up) {
  registry_
      .Gauge("trunkline_gateway_link_up", "1 while the link of a provider account is up.",
             {{"provider_account_id", std::string(provider_account_id)}})
      .Set(up ? 1 : 0);
}

void GatewayMetrics::SetWatchers(int64_t count) {
  registry_.Gauge("trunkline_gateway_watchers", "Watches that are open: WatchCalls streams and WebSockets.")
      .Set(static_cast<double>(count));
}

void GatewayMetrics::CountSlowWatcher() {
  registry_.Counter("trunkline_gateway_slow_watchers_total", "Watches ended because the client was too slow.")
      .Increment();
}

void GatewayMetrics::SetWebSockets(int64_t count) {
  registry_.Gauge("trunkline_gateway_web_sockets", "WebSockets that are open.").Set(static_cast<double>(count));
}

void GatewayMetrics::CountWebSocketClose(int code) {
  // Clients choose among thousands.
  const bool is_known = (code >= 1000 && code <= 1015) || code == 4400 || code == 4401;
  registry_
      .Counter("trunkline_gateway_web_socket_closes_total", "WebSockets that were closed, by the code of the close.",
               {{"code", is_known ? std::to_string(code) : "other"}})
      .Increment();
}

void GatewayMetrics::ObserveHttp(int status, absl::Duration took) {
  registry_
      .Seconds("trunkline_gateway_http_request_seconds", "Time to answer a request to the HTTP API, by status code.",
               {{"status", std::to_string(status)}})
      .Observe(absl::ToDoubleSeconds(took));
}

}  // namespace trunkline::gateway
