// What became of the webhooks of call-tracking platforms, and how long it took.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "libs/metrics/registry.h"
#include "libs/tracking/registry.h"
#include "services/normalizer/batch_mapper.h"

namespace trunkline::normalizer {

class TrackingMetrics {
 public:
  // Both outlive the object.
  TrackingMetrics(const tracking::Registry& platforms, metrics::Registry& registry)
      : platforms_(platforms), registry_(registry) {}

  // Of a batch that was published by now. Records that were read are none: who reads them counts them.
  void Count(const std::vector<MappedMessage>& messages, absl::Time now);

 private:
  const tracking::Registry& platforms_;
  metrics::Registry& registry_;
};

}  // namespace trunkline::normalizer
