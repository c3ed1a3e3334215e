#include "services/normalizer/provider_metrics.h"

#include <algorithm>

#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::normalizer {
namespace {

constexpr double kMicros = 1e6;

double TalkSeconds(const calls::v1::CallRecord& call) {
  return absl::ToDoubleSeconds(telephony::FromProto(call.durations().talk()));
}

}  // namespace

void ProviderMetrics::Count(const ProcessedBatch& batch) {
  for (const ProcessedEvent& event : batch.events) ObserveDelay(event.event);
  for (const auto& [id, call] : batch.calls) {
    // A call that was never dialled over a provider says nothing of one.
    if (call.record.details().provider().empty()) continue;
    if (call.has_ended_now) CountEnd(call.record);
    if (call.has_cost_now) CountCost(call.record);
  }
}

void ProviderMetrics::CountEnd(const calls::v1::CallRecord& call) {
  const metrics::Labels of = {{"provider", call.details().provider()},
                              {"direction", telephony::NameOf(call.details().direction())}};
  metrics::Labels ended = of;
  ended["status"] = telephony::NameOf(call.status());
  ended["answered"] = call.times().has_answered_at() ? "yes" : "no";
  registry_.Counter("trunkline_normalizer_calls_ended_total", "Calls that ended, by how.", ended).Increment();
  if (!call.times().has_answered_at()) return;
  registry_.Counter("trunkline_normalizer_talk_seconds_total", "Time talked in calls that ended.", of)
      .Increment(TalkSeconds(call));
}

void ProviderMetrics::CountCost(const calls::v1::CallRecord& call) {
  const metrics::Labels of = {{"provider", call.details().provider()}, {"currency", call.details().cost().currency()}};
  // A counter cannot fall: a credit, which some providers give, is left out.
  const double cost = std::max(static_cast<double>(call.details().cost().micros()) / kMicros, 0.0);
  registry_.Counter("trunkline_normalizer_cost_total", "What calls cost, in units of the currency.", of)
      .Increment(cost);
  registry_.Counter("trunkline_normalizer_charged_talk_seconds_total", "Time talked in calls whose cost is known.", of)
      .Increment(TalkSeconds(call));
}

void ProviderMetrics::ObserveDelay(const events::v1::CallEvent& event) {
  if (event.source() != events::v1::EVENT_SOURCE_PROVIDER) return;
  const absl::Duration delay = telephony::FromProto(event.received_at()) - telephony::FromProto(event.occurred_at());
  // Clocks differ, and some providers tell whole seconds.
  registry_
      .Seconds("trunkline_normalizer_webhook_delay_seconds",
               "Time from an event at the provider to the arrival of its webhook.",
               {{"provider", event.details().provider()}})
      .Observe(std::max(absl::ToDoubleSeconds(delay), 0.0));
}

}  // namespace trunkline::normalizer
