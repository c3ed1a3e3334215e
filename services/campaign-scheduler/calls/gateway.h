// The gateway, as the scheduler asks it: for calls of any business, with answers from another thread.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/campaign-scheduler/engine/inputs.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::scheduler {

// Each callback comes once, from any thread or at once, and must not block.
class Gateway {
 public:
  virtual ~Gateway() = default;

  virtual void InitiateCall(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                            std::function<void(absl::StatusOr<control::v1::Call>)> done) = 0;
  virtual void FindDial(const std::string& business_id, const std::string& request_id,
                        std::function<void(absl::StatusOr<FoundDial>)> done) = 0;
  // Whether the call has ended; UNAVAILABLE when nobody can tell.
  virtual void InquireCall(const std::string& business_id, const std::string& call_id,
                           std::function<void(absl::StatusOr<bool>)> done) = 0;
  virtual void EndCall(const std::string& business_id, const std::string& call_id,
                       std::function<void(absl::Status)> done) = 0;
  virtual void UpdateCall(const std::string& business_id, const std::string& call_id, const plans::v1::CallPlan& plan,
                          std::function<void(absl::Status)> done) = 0;
};

}  // namespace trunkline::scheduler
