// The scheduler's metrics: the one place of their names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/metrics/registry.h"

namespace trunkline::scheduler {

class SchedulerMetrics {
 public:
  explicit SchedulerMetrics(metrics::Registry& registry) : registry_(registry) {}

  // Campaigns that this replica runs.
  void SetCampaigns(size_t count);
  // A campaign that this replica took, by why: started, handed_over, died, silent.
  void CountTakeover(std::string_view reason);
  // A campaign that this replica stopped running, by why: finished, fenced, lost, handed_over.
  void CountLetGo(std::string_view reason);
  // A transaction of an owner, by result: committed, fenced, failed, in_doubt.
  void ObserveCommit(absl::Duration took, std::string_view result);
  void CountAttempts(int64_t count);
  // Attempts that the transaction denied, by rule.
  void CountDenied(std::string_view rule);
  // An attempt that ended, by disposition.
  void CountEnding(std::string_view disposition);
  // What the gateway answered to a dial: called, refused, in_doubt.
  void CountDial(std::string_view answer);
  // From asking the gateway for a call to its answer.
  void ObserveDial(absl::Duration took);
  // Outcomes that the call events told.
  void CountOutcomes(int64_t count);
  void SetEventLag(int64_t events);
  // Machines that picked up, by what was done: hang_up, leave_message, failed.
  void CountMachine(std::string_view action);
  // Campaign events that are not in Kafka yet.
  void SetOutbox(int64_t events, absl::Duration age);
  void CountPublished(int64_t events);

 private:
  void Count(const char* name, const char* help, const char* label, std::string_view value, double by = 1);

  metrics::Registry& registry_;
};

}  // namespace trunkline::scheduler
