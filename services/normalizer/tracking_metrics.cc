#include "services/normalizer/tracking_metrics.h"

#include <algorithm>
#include <string>

#include "libs/telephony/timestamps.h"

namespace trunkline::normalizer {

void TrackingMetrics::Count(const std::vector<MappedMessage>& messages, absl::Time now) {
  for (const MappedMessage& message : messages) {
    const std::string& platform = message.raw.provider();
    if (!message.raw.has_http() || platforms_.Find(platform) == nullptr) continue;
    registry_
        .Counter("trunkline_normalizer_tracking_webhooks_processed_total",
                 "Webhooks of call-tracking platforms, by what became of them.",
                 {{"provider", platform}, {"status", std::string(message.outcome)}})
        .Increment();
    const absl::Duration took = now - telephony::FromProto(message.raw.received_at());
    registry_
        .Seconds("trunkline_normalizer_tracking_webhook_seconds",
                 "Time from the reception of a call-tracking platform's webhook until it was processed.",
                 {{"provider", platform}})
        .Observe(std::max(absl::ToDoubleSeconds(took), 0.0));
  }
}

}  // namespace trunkline::normalizer
