#include "services/concurrency-governor/metrics/governor_metrics.h"

namespace trunkline::governor {

void GovernorMetrics::SetLeader(bool leads) {
  registry_.Gauge("trunkline_governor_leader", "1 while this replica decides.").Set(leads ? 1 : 0);
}

void GovernorMetrics::SetLedger(size_t live, size_t waiting) {
  registry_.Gauge("trunkline_governor_slots", "Slots in use.").Set(static_cast<double>(live));
  registry_.Gauge("trunkline_governor_waiting_requests", "Requests that wait for a slot.")
      .Set(static_cast<double>(waiting));
}

void GovernorMetrics::CountDecisions(std::string_view outcome, int64_t requests) {
  registry_
      .Counter("trunkline_governor_decisions_total", "What came of requests for slots.",
               {{"outcome", std::string(outcome)}})
      .Increment(static_cast<double>(requests));
}

void GovernorMetrics::CountReleases(std::string_view reason, int64_t slots) {
  registry_
      .Counter("trunkline_governor_releases_total", "Slots that ended, by reason.", {{"reason", std::string(reason)}})
      .Increment(static_cast<double>(slots));
}

void GovernorMetrics::ObserveCommit(absl::Duration took, size_t commands) {
  registry_.Seconds("trunkline_governor_commit_seconds", "Time of a commit to the journal.")
      .Observe(absl::ToDoubleSeconds(took));
  registry_.Counter("trunkline_governor_committed_commands_total", "Commands that went with commits.")
      .Increment(static_cast<double>(commands));
}

void GovernorMetrics::CountLostLeadership() {
  registry_
      .Counter("trunkline_governor_lost_leaderships_total", "Times that a commit failed and the leader stood down.")
      .Increment();
}

void GovernorMetrics::CountInquiry(std::string_view life) {
  registry_
      .Counter("trunkline_governor_inquiries_total", "Silent calls that were asked about, by answer.",
               {{"life", std::string(life)}})
      .Increment();
}

void GovernorMetrics::SetUnknownCalls(size_t count) {
  registry_.Gauge("trunkline_governor_unknown_calls", "Silent calls that nobody could tell about in the last sweep.")
      .Set(static_cast<double>(count));
}

void GovernorMetrics::SetEventLag(int64_t events) {
  registry_.Gauge("trunkline_governor_event_lag", "Call events that are not read yet.")
      .Set(static_cast<double>(events));
}

void GovernorMetrics::CountLearnedCeiling() {
  registry_.Counter("trunkline_governor_provider_refusals_total", "Refusals of providers that lowered a ceiling.")
      .Increment();
}

}  // namespace trunkline::governor
