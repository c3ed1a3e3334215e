#include "services/call-tracking-sync/runs/account_parts.h"

namespace trunkline::tracking_sync {

void CountRecords(const RecordOutcome& outcome, std::string_view platform, size_t failed, SyncMetrics& metrics) {
  metrics.CountRecords(platform, "inserted", outcome.inserted);
  metrics.CountRecords(platform, "updated", outcome.updated);
  metrics.CountRecords(platform, "unchanged", outcome.unchanged - outcome.stale);
  metrics.CountRecords(platform, "stale", outcome.stale);
  metrics.CountRecords(platform, "failed", static_cast<int64_t>(failed));
  metrics.CountRecords(platform, "gone", outcome.gone);
  metrics.CountRecords(platform, "closed", outcome.closed);
}

ResourceLimits LimitsOf(const TrackedAccount& account) {
  ResourceLimits limits;
  for (size_t i = 0; i < kResources; ++i) {
    limits[i] = tracking::LimitsOf(account.account, account.platform->Limits(static_cast<tracking::Resource>(i)));
  }
  return limits;
}

}  // namespace trunkline::tracking_sync
