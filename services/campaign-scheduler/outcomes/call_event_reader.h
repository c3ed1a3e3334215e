// Reads the call events, in a consumer group over all replicas, and keeps what they tell of attempts. Offsets are
// committed when that is safe in the database; to read an event twice does no harm.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/kafka/group_reader.h"
#include "services/campaign-scheduler/metrics/scheduler_metrics.h"
#include "services/campaign-scheduler/outcomes/machine_answers.h"
#include "services/campaign-scheduler/store/outcome_store.h"

namespace trunkline::scheduler {

class CallEventReader {
 public:
  struct Options {
    std::string bootstrap;
    std::string topic;
    std::string group = "campaign-scheduler";
    std::string group_instance_id = {};  // see kafka::ConsumerOptions
  };

  // All of them outlive the object.
  CallEventReader(const Options& options, OutcomeStore& store, MachineAnswers& machines, SchedulerMetrics& metrics);

  // OK while the events are read.
  absl::Status status() const { return reader_.status(); }

 private:
  absl::Status Keep(const std::vector<kafka::Message>& messages);

  OutcomeStore& store_;
  MachineAnswers& machines_;
  SchedulerMetrics& metrics_;
  kafka::GroupReader reader_;
};

}  // namespace trunkline::scheduler
