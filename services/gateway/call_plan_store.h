// The plan of a call: of its dial when Trunkline placed it, of the number that was called otherwise.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "trunkline/plans/v1/call_plan_service.pb.h"

namespace trunkline::gateway {

class CallPlanStore {
 public:
  // The pool acts for one business at a time and outlives the object.
  explicit CallPlanStore(postgres::Pool& pool) : pool_(pool) {}

  // The verbs for the step that the request names, chosen by its input. NOT_FOUND NO_CALL_PLAN when neither the call
  // nor the number has a plan, or it has no such step.
  absl::StatusOr<plans::v1::CallPlan> Get(const plans::v1::GetCallPlanRequest& request);

 private:
  absl::StatusOr<std::optional<plans::v1::CallPlan>> Whole(const plans::v1::GetCallPlanRequest& request);

  postgres::Pool& pool_;
};

// The verbs of a plan at a step, as a plan without steps; nothing when the plan has no such step. Pure.
std::optional<plans::v1::CallPlan> PlanAtStep(const plans::v1::CallPlan& plan,
                                              const plans::v1::GetCallPlanRequest& request);

}  // namespace trunkline::gateway
