// Reads the call events, in a consumer group over all replicas, and keeps what they tell of attempts. Offsets are
// committed when that is safe in the database; to read an event twice does no harm.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/background_worker.h"
#include "libs/kafka/consumer.h"
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
  CallEventReader(Options options, OutcomeStore& store, MachineAnswers& machines, SchedulerMetrics& metrics);

  // OK while the events are read.
  absl::Status status() const;

 private:
  absl::StatusOr<bool> Read();
  absl::Status Keep(const std::vector<kafka::Message>& messages);

  const Options options_;
  OutcomeStore& store_;
  MachineAnswers& machines_;
  SchedulerMetrics& metrics_;
  std::unique_ptr<kafka::Consumer> consumer_;
  mutable std::mutex mutex_;
  absl::Status status_;
  BackgroundWorker worker_;
};

}  // namespace trunkline::scheduler
