// The plan of a call: what it was given while it went on, else that of its dial when Trunkline placed it, else that of
// the number that was called.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
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

  // Gives a call of the business another plan. The one that it was given before, if there was one.
  absl::StatusOr<std::optional<plans::v1::CallPlan>> Give(const std::string& business_id, const std::string& call_id,
                                                          const plans::v1::CallPlan& plan, absl::Time now);
  // Undoes Give(), unless the call was given yet another plan since.
  absl::Status TakeBack(const std::string& business_id, const std::string& call_id, const plans::v1::CallPlan& given,
                        const std::optional<plans::v1::CallPlan>& earlier);

 private:
  absl::StatusOr<std::optional<plans::v1::CallPlan>> Whole(const plans::v1::GetCallPlanRequest& request);

  postgres::Pool& pool_;
};

// The verbs of a plan at a step, as a plan without steps; nothing when the plan has no such step. Pure.
std::optional<plans::v1::CallPlan> PlanAtStep(const plans::v1::CallPlan& plan,
                                              const plans::v1::GetCallPlanRequest& request);

}  // namespace trunkline::gateway
