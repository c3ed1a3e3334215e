// How the calls of each provider go, as metrics: how they end, how long they are, what they cost, how late their news
// come. docs/operations.md has the questions that they answer.
#pragma once

#include "libs/metrics/registry.h"
#include "services/normalizer/batch_processor.h"

namespace trunkline::normalizer {

class ProviderMetrics {
 public:
  // The registry outlives the object.
  explicit ProviderMetrics(metrics::Registry& registry) : registry_(registry) {}

  // Of a batch that was published. A call is counted with the batch that first told its end, its cost with the first
  // one that told a cost.
  void Count(const ProcessedBatch& batch);

 private:
  void CountEnd(const calls::v1::CallRecord& call);
  void CountCost(const calls::v1::CallRecord& call);
  void ObserveDelay(const events::v1::CallEvent& event);

  metrics::Registry& registry_;
};

}  // namespace trunkline::normalizer
