// Deals with machines that pick up, as the campaign wants: the call is ended, or gets the machine's plan.
#pragma once

#include <string>

#include "services/campaign-scheduler/calls/gateway.h"
#include "services/campaign-scheduler/metrics/scheduler_metrics.h"
#include "services/campaign-scheduler/store/outcome_store.h"

namespace trunkline::scheduler {

class MachineAnswers {
 public:
  // All of them outlive the object.
  MachineAnswers(OutcomeStore& store, Gateway& gateway, SchedulerMetrics& metrics)
      : store_(store), gateway_(gateway), metrics_(metrics) {}

  // Blocks on PostgreSQL and the gateway. An error, the store's, when it is to be tried again. What the gateway does
  // not do is left: the call goes on as it is.
  absl::Status Deal(const std::string& business_id, const std::string& attempt_id, const std::string& call_id);

 private:
  OutcomeStore& store_;
  Gateway& gateway_;
  SchedulerMetrics& metrics_;
};

}  // namespace trunkline::scheduler
