#include "services/campaign-scheduler/metrics/scheduler_metrics.h"

namespace trunkline::scheduler {

void SchedulerMetrics::Count(const char* name, const char* help, const char* label, std::string_view value, double by) {
  registry_.Counter(name, help, {{label, std::string(value)}}).Increment(by);
}

void SchedulerMetrics::SetCampaigns(size_t count) {
  registry_.Gauge("trunkline_scheduler_campaigns", "Campaigns that this replica runs.").Set(static_cast<double>(count));
}

void SchedulerMetrics::CountTakeover(std::string_view reason) {
  Count("trunkline_scheduler_takeovers_total", "Campaigns that this replica took, by why.", "reason", reason);
}

void SchedulerMetrics::CountLetGo(std::string_view reason) {
  Count("trunkline_scheduler_let_go_total", "Campaigns that this replica stopped running, by why.", "reason", reason);
}

void SchedulerMetrics::ObserveCommit(absl::Duration took, std::string_view result) {
  registry_.Seconds("trunkline_scheduler_commit_seconds", "Time of an owner's transaction.")
      .Observe(absl::ToDoubleSeconds(took));
  Count("trunkline_scheduler_commits_total", "Transactions of owners, by result.", "result", result);
}

void SchedulerMetrics::CountAttempts(int64_t count) {
  registry_.Counter("trunkline_scheduler_attempts_total", "Attempts that were committed.")
      .Increment(static_cast<double>(count));
}

void SchedulerMetrics::CountDenied(std::string_view rule) {
  Count("trunkline_scheduler_denied_attempts_total", "Attempts that their transaction denied, by rule.", "rule", rule);
}

void SchedulerMetrics::CountEnding(std::string_view disposition) {
  Count("trunkline_scheduler_endings_total", "Attempts that ended, by disposition.", "disposition", disposition);
}

void SchedulerMetrics::CountDial(std::string_view answer) {
  Count("trunkline_scheduler_dials_total", "What the gateway answered to dials.", "answer", answer);
}

void SchedulerMetrics::ObserveDial(absl::Duration took) {
  registry_.Seconds("trunkline_scheduler_dial_seconds", "From asking the gateway for a call to its answer.")
      .Observe(absl::ToDoubleSeconds(took));
}

void SchedulerMetrics::CountOutcomes(int64_t count) {
  registry_.Counter("trunkline_scheduler_outcomes_total", "Outcomes of attempts that the call events told.")
      .Increment(static_cast<double>(count));
}

void SchedulerMetrics::SetEventLag(int64_t events) {
  registry_.Gauge("trunkline_scheduler_event_lag", "Call events that are not read yet.")
      .Set(static_cast<double>(events));
}

void SchedulerMetrics::CountMachine(std::string_view action) {
  Count("trunkline_scheduler_machines_total", "Machines that picked up, by what was done.", "action", action);
}

void SchedulerMetrics::SetOutbox(int64_t events, absl::Duration age) {
  registry_.Gauge("trunkline_scheduler_outbox_rows", "Campaign events that are not in Kafka yet.")
      .Set(static_cast<double>(events));
  registry_
      .Gauge("trunkline_scheduler_outbox_age_seconds", "Age of the oldest campaign event that is not in Kafka yet.")
      .Set(absl::ToDoubleSeconds(age));
}

void SchedulerMetrics::CountPublished(int64_t events) {
  registry_.Counter("trunkline_scheduler_published_events_total", "Campaign events that went to Kafka.")
      .Increment(static_cast<double>(events));
}

}  // namespace trunkline::scheduler
