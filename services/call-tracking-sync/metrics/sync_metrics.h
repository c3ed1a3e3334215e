// The metrics of call-tracking-sync: the one place of their names. A label `platform` is a platform's name, never an
// account's.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "libs/metrics/registry.h"

namespace trunkline::tracking_sync {

class SyncMetrics {
 public:
  explicit SyncMetrics(metrics::Registry& registry) : registry_(registry) {}

  // Records that are not in Kafka yet.
  void SetOutbox(int64_t records, absl::Duration age);
  void CountPublished(int64_t records);

 private:
  metrics::Registry& registry_;
};

}  // namespace trunkline::tracking_sync
