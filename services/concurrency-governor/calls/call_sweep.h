// Looks for calls of which nothing was heard for long, and asks about each: a slot is not given up because a webhook
// was lost, and not kept because of it either.
#pragma once

#include "absl/status/statusor.h"
#include "services/concurrency-governor/admission/decision_loop.h"
#include "services/concurrency-governor/calls/call_inquiry.h"

namespace trunkline::governor {

class CallSweep {
 public:
  // All of them outlive the object.
  CallSweep(DecisionLoop& loop, CallInquiry& inquiry, GovernorMetrics& metrics)
      : loop_(loop), inquiry_(inquiry), metrics_(metrics) {}

  // One sweep, if this replica leads. Blocks. The work of a BackgroundWorker.
  absl::StatusOr<bool> Run();

 private:
  DecisionLoop& loop_;
  CallInquiry& inquiry_;
  GovernorMetrics& metrics_;
};

}  // namespace trunkline::governor
