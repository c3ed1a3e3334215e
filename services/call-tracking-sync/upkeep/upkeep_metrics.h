// What checks and reconciliations found, and how often a read found its value in memory. A label `platform` is a
// platform's name, never an account's.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "libs/metrics/registry.h"
#include "services/call-tracking-sync/recovery/webhook_watch.h"
#include "services/call-tracking-sync/work/read_cache.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

class UpkeepMetrics {
 public:
  // Outlives the object.
  explicit UpkeepMetrics(metrics::Registry& registry) : registry_(registry) {}

  // When it has ended.
  void CountCheck(const tracking::v1::Check& check);
  void CountReconciliation(const tracking::v1::Reconciliation& reconciliation);
  // A turn of looking after an account's webhooks; `lost` of them were not at the platform any more.
  void CountRegistration(std::string_view platform, std::string_view outcome, int64_t lost);
  // What was found of an hour of an account's webhooks.
  void CountWebhooks(std::string_view platform, const WebhookHour& hour);
  // `what`: "calls" or "numbers". For one thread.
  void TellMemory(const std::string& what, const CacheCounts& counts);

 private:
  metrics::Registry& registry_;
  std::map<std::string, CacheCounts> told_;
};

}  // namespace trunkline::tracking_sync
