// The governor's metrics: the one place of their names.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/metrics/registry.h"

namespace trunkline::governor {

class GovernorMetrics {
 public:
  explicit GovernorMetrics(metrics::Registry& registry) : registry_(registry) {}

  // Whether this replica leads.
  void SetLeader(bool leads);
  // Slots in use, and requests that wait.
  void SetLedger(size_t live, size_t waiting);
  // What came of requests for slots: granted, refused, reused, ended.
  void CountDecisions(std::string_view outcome, int64_t requests);
  // How slots ended.
  void CountReleases(std::string_view reason, int64_t slots);
  void ObserveCommit(absl::Duration took, size_t commands);
  void CountLostLeadership();
  // What came of asking about a silent call: alive, ended, unknown.
  void CountInquiry(std::string_view life);
  // Calls that nobody could tell about in the last sweep: for an alert.
  void SetUnknownCalls(size_t count);
  void SetEventLag(int64_t events);
  void CountLearnedCeiling();

 private:
  metrics::Registry& registry_;
};

}  // namespace trunkline::governor
