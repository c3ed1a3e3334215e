#include "services/call-tracking-sync/metrics/sync_metrics.h"

namespace trunkline::tracking_sync {

void SyncMetrics::SetOutbox(int64_t records, absl::Duration age) {
  registry_.Gauge("trunkline_tracking_outbox_rows", "Records that are not in Kafka yet.")
      .Set(static_cast<double>(records));
  registry_.Gauge("trunkline_tracking_outbox_age_seconds", "Age of the oldest record that is not in Kafka yet.")
      .Set(absl::ToDoubleSeconds(age));
}

void SyncMetrics::CountPublished(int64_t records) {
  registry_.Counter("trunkline_tracking_published_records_total", "Records that went to Kafka.")
      .Increment(static_cast<double>(records));
}

}  // namespace trunkline::tracking_sync
