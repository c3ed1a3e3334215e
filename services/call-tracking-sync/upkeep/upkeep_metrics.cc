#include "services/call-tracking-sync/upkeep/upkeep_metrics.h"

#include <string_view>

#include "libs/base/text.h"

namespace trunkline::tracking_sync {
namespace {

// "finished" for CHECK_STATE_FINISHED.
std::string NameOf(tracking::v1::CheckState state) {
  constexpr std::string_view kPrefix = "CHECK_STATE_";
  return Lower(std::string_view(tracking::v1::CheckState_Name(state)).substr(kPrefix.size()));
}

}  // namespace

void UpkeepMetrics::CountCheck(const tracking::v1::Check& check) {
  const std::string& platform = check.platform();
  const auto find = [&](const char* kind, int64_t count) {
    registry_
        .Counter("trunkline_tracking_findings_total", "What checks found wrong with calls, by platform and kind.",
                 {{"platform", platform}, {"kind", kind}})
        .Increment(static_cast<double>(count));
  };
  registry_
      .Counter("trunkline_tracking_checks_total", "Checks that have ended, by platform and outcome.",
               {{"platform", platform}, {"outcome", NameOf(check.state())}})
      .Increment();
  registry_
      .Counter("trunkline_tracking_checked_calls_total", "Calls that checks compared, by platform.",
               {{"platform", platform}})
      .Increment(static_cast<double>(check.checked()));
  find("missing", check.missing());
  find("extra", check.extra());
  find("different", check.different());
  find("contradiction", check.contradictions());
  find("unreadable", check.unreadable());
  for (const auto& [field, count] : check.fields()) {
    registry_
        .Counter("trunkline_tracking_mismatched_fields_total", "Fields that differed, by platform and field.",
                 {{"platform", platform}, {"field", field}})
        .Increment(static_cast<double>(count));
  }
}

void UpkeepMetrics::CountReconciliation(const tracking::v1::Reconciliation& reconciliation) {
  registry_
      .Counter("trunkline_tracking_reconciliations_total", "Reconciliations that have ended, by outcome.",
               {{"outcome", NameOf(reconciliation.state())}})
      .Increment();
  registry_
      .Counter("trunkline_tracking_discrepancies_total", "Discrepancies that reconciliations found, known ones too.")
      .Increment(static_cast<double>(reconciliation.discrepancies()));
}

void UpkeepMetrics::CountRegistration(std::string_view platform, std::string_view outcome, int64_t lost) {
  registry_
      .Counter("trunkline_tracking_webhook_registrations_total",
               "Turns of entering webhooks at platforms, taking them out and looking after them, by outcome.",
               {{"platform", std::string(platform)}, {"outcome", std::string(outcome)}})
      .Increment();
  if (lost == 0) return;
  registry_
      .Counter("trunkline_tracking_lost_registrations_total",
               "Webhooks that were not at their platform any more, and were entered again.",
               {{"platform", std::string(platform)}})
      .Increment(static_cast<double>(lost));
}

void UpkeepMetrics::CountWebhooks(std::string_view platform, const WebhookHour& hour) {
  const auto count = [&](const char* name, const char* help, int64_t by) {
    if (by == 0) return;
    registry_.Counter(name, help, {{"platform", std::string(platform)}}).Increment(static_cast<double>(by));
  };
  count("trunkline_tracking_webhooks_expected_total", "Calls that ended and of which webhooks should tell.",
        hour.expected);
  count("trunkline_tracking_webhooks_missed_total", "Of those, calls of which no webhook told.", hour.missed);
  count("trunkline_tracking_recoveries_total", "Ranges that are read again since webhooks were missed in them.",
        hour.recoveries);
}

void UpkeepMetrics::TellMemory(const std::string& what, const CacheCounts& counts) {
  CacheCounts& told = told_[what];
  const auto read = [&](const char* result, int64_t count) {
    registry_
        .Counter("trunkline_tracking_memory_reads_total", "Reads of calls and numbers, by whether memory had them.",
                 {{"what", what}, {"result", result}})
        .Increment(static_cast<double>(count));
  };
  read("hit", counts.hits - told.hits);
  read("miss", counts.misses - told.misses);
  registry_.Gauge("trunkline_tracking_memory_entries", "Calls and numbers in memory.", {{"what", what}})
      .Set(static_cast<double>(counts.entries));
  told = counts;
}

}  // namespace trunkline::tracking_sync
