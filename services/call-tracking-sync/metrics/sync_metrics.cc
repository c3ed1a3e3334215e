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

void SyncMetrics::Count(const char* name, const char* help, const metrics::Labels& labels, double by) {
  registry_.Counter(name, help, labels).Increment(by);
}

void SyncMetrics::ObserveRequest(std::string_view platform, std::string_view endpoint, std::string_view error,
                                 absl::Duration took) {
  const std::string name(platform);
  Count("trunkline_tracking_api_requests_total", "Requests to platforms, by outcome.",
        {{"platform", name}, {"endpoint", std::string(endpoint)}, {"status", std::string(error)}});
  registry_
      .Seconds("trunkline_tracking_api_seconds", "Time of a request to a platform.",
               {{"platform", name}, {"endpoint", std::string(endpoint)}})
      .Observe(absl::ToDoubleSeconds(took));
  registry_.Gauge("trunkline_tracking_api_up", "Whether the platform answered the last request.", {{"platform", name}})
      .Set(error == "timeout" || error == "network" || error == "server_error" || error == "maintenance" ? 0 : 1);
}

void SyncMetrics::SetAccounts(size_t count) {
  registry_.Gauge("trunkline_tracking_accounts", "Accounts that this replica reads.").Set(static_cast<double>(count));
}

void SyncMetrics::CountTakeover(std::string_view reason) {
  Count("trunkline_tracking_takeovers_total", "Accounts that this replica took, by why.",
        {{"reason", std::string(reason)}});
}

void SyncMetrics::CountRecords(std::string_view platform, std::string_view kind, int64_t count) {
  if (count == 0) return;
  Count("trunkline_tracking_records_total", "Records that were read, by what was new about them.",
        {{"platform", std::string(platform)}, {"kind", std::string(kind)}}, static_cast<double>(count));
}

void SyncMetrics::SetLag(std::string_view platform, absl::Duration lag) {
  registry_
      .Gauge("trunkline_tracking_sync_lag_seconds", "How far what is known lies behind the platform's time.",
             {{"platform", std::string(platform)}})
      .Set(absl::ToDoubleSeconds(lag));
}

void SyncMetrics::SetClockOffset(std::string_view platform, absl::Duration offset) {
  registry_
      .Gauge("trunkline_tracking_clock_offset_seconds", "The platform's clock minus ours.",
             {{"platform", std::string(platform)}})
      .Set(absl::ToDoubleSeconds(offset));
}

void SyncMetrics::CountRun(std::string_view platform, std::string_view pass, std::string_view result) {
  Count("trunkline_tracking_runs_total", "Runs of passes, by result.",
        {{"platform", std::string(platform)}, {"pass", std::string(pass)}, {"result", std::string(result)}});
}

void SyncMetrics::CountLateFound(std::string_view platform, int64_t calls) {
  if (calls == 0) return;
  Count("trunkline_tracking_late_found_total", "Changes that only a second reading brought.",
        {{"platform", std::string(platform)}}, static_cast<double>(calls));
}

void SyncMetrics::CountMismatch(std::string_view platform) {
  Count("trunkline_tracking_count_mismatches_total", "Windows with fewer calls than the platform counted, twice.",
        {{"platform", std::string(platform)}});
}

void SyncMetrics::CountSuspiciousEmpty(std::string_view platform) {
  Count("trunkline_tracking_suspicious_empty_total", "Windows without calls where there always are some.",
        {{"platform", std::string(platform)}});
}

void SyncMetrics::CountFetch(std::string_view platform, std::string_view result) {
  Count("trunkline_tracking_fetches_total", "Readings of calls by their ids, by result.",
        {{"platform", std::string(platform)}, {"result", std::string(result)}});
}

void SyncMetrics::CountNotices(std::string_view platform, int64_t webhooks) {
  Count("trunkline_tracking_notices_total", "Webhooks that led to the reading of a call.",
        {{"platform", std::string(platform)}}, static_cast<double>(webhooks));
}

void SyncMetrics::SetWebhookLag(int64_t messages) {
  registry_.Gauge("trunkline_tracking_webhook_lag", "Raw messages that are not read yet.")
      .Set(static_cast<double>(messages));
}

}  // namespace trunkline::tracking_sync
