// Admission by the governor.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "libs/base/work_queue.h"
#include "libs/governor/governor_client.h"
#include "services/gateway/dialing/admission.h"

namespace trunkline::gateway {

class GovernorAdmission final : public Admission {
 public:
  // A call may wait for its turn for `wait`. The client outlives the object.
  GovernorAdmission(governor::GovernorClient& governor, absl::Duration wait) : governor_(governor), wait_(wait) {}

  // The slot of the attempt, where the scheduler holds one for it; else one of the call's own.
  absl::Status Acquire(const AdmissionRequest& request) override;
  void Release(const AdmissionRequest& request) override;
  void NoteRefusal(const std::string& business_id, const std::string& provider_account_id) override;

 private:
  governor::GovernorClient& governor_;
  const absl::Duration wait_;
  WorkQueue refusals_{/*threads=*/1, /*most_waiting=*/100};
};

}  // namespace trunkline::gateway
