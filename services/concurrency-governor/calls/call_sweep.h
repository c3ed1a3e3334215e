// Looks for calls of which nothing was heard for long, and asks about each: a slot is not given up because a webhook
// was lost, and not kept because of it either. Of a call that exists something is heard at once; one that was never
// heard of is asked about sooner, since its gateway may have died between the slot and the call.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "services/concurrency-governor/admission/decision_loop.h"
#include "services/concurrency-governor/calls/call_inquiry.h"

namespace trunkline::governor {

class CallSweep {
 public:
  // All of them outlive the object.
  CallSweep(DecisionLoop& loop, CallInquiry& inquiry, GovernorMetrics& metrics)
      : loop_(loop), inquiry_(inquiry), metrics_(metrics) {}

  // One sweep, if this replica leads. Both block, and are the work of a BackgroundWorker each.
  absl::StatusOr<bool> AskAboutSilent();
  absl::StatusOr<bool> AskAboutUnheard();

 private:
  using Calls = std::vector<Slot> (SlotLedger::*)(absl::Time now) const;
  // How many of them nobody can tell about.
  absl::StatusOr<size_t> Ask(Calls calls);

  DecisionLoop& loop_;
  CallInquiry& inquiry_;
  GovernorMetrics& metrics_;
};

}  // namespace trunkline::governor
