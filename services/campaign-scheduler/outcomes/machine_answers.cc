#include "services/campaign-scheduler/outcomes/machine_answers.h"

#include <future>
#include <memory>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/campaign-scheduler/engine/dial_request.h"

namespace trunkline::scheduler {

absl::Status MachineAnswers::Deal(const std::string& business_id, const std::string& attempt_id,
                                  const std::string& call_id) {
  absl::StatusOr<AttemptPlan> plan = store_.PlanOf(business_id, attempt_id);
  if (plan.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  TL_RETURN_IF_ERROR(plan.status());
  const auto promise = std::make_shared<std::promise<absl::Status>>();
  const auto done = [promise](absl::Status status) { promise->set_value(std::move(status)); };
  switch (plan->settings.machine_policy()) {
    case v1::MACHINE_POLICY_HANG_UP:
      gateway_.EndCall(business_id, call_id, done);
      break;
    case v1::MACHINE_POLICY_LEAVE_MESSAGE:
      FillIn(plan->variables, plan->settings.mutable_machine_plan());
      gateway_.UpdateCall(business_id, call_id, plan->settings.machine_plan(), done);
      break;
    default:
      return absl::OkStatus();
  }
  absl::Status answer = promise->get_future().get();
  if (answer.ok()) {
    metrics_.CountMachine(plan->settings.machine_policy() == v1::MACHINE_POLICY_HANG_UP ? "hang_up" : "leave_message");
    return answer;
  }
  metrics_.CountMachine("failed");
  LogWarning("the gateway did not deal with a machine that picked up", {{"call_id", call_id}, {"error", answer}});
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
