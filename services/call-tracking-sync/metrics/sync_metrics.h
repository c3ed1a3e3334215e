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

  // A request to a platform; `error` is "ok" or the name of its error.
  void ObserveRequest(std::string_view platform, std::string_view endpoint, std::string_view error,
                      absl::Duration took);
  // Accounts that this replica reads.
  void SetAccounts(size_t count);
  void CountTakeover(std::string_view reason);
  // Records that were read, by what was new: inserted, updated, unchanged, stale, failed; gone from the platform;
  // closed, since their calls went on for too long.
  void CountRecords(std::string_view platform, std::string_view kind, int64_t count);
  // How far what is known lies behind the platform's time, of the account that lies behind most.
  void SetLag(std::string_view platform, absl::Duration lag);
  void SetClockOffset(std::string_view platform, absl::Duration offset);
  // A run of a pass that was finished or given up: finished, failed.
  void CountRun(std::string_view platform, std::string_view pass, std::string_view result);
  // Calls that only a second reading brought, though the walk of changes should have.
  void CountLateFound(std::string_view platform, int64_t calls);
  void CountMismatch(std::string_view platform);
  void CountSuspiciousEmpty(std::string_view platform);
  // Readings of calls by their ids: done, unknown, failed.
  void CountFetch(std::string_view platform, std::string_view result);
  void CountNotices(std::string_view platform, int64_t webhooks);
  void SetWebhookLag(int64_t messages);

 private:
  void Count(const char* name, const char* help, const metrics::Labels& labels, double by = 1);

  metrics::Registry& registry_;
};

}  // namespace trunkline::tracking_sync
