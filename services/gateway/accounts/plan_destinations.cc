#include "services/gateway/accounts/plan_destinations.h"

#include <optional>

#include "libs/base/status.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::gateway {
namespace {

template <typename Verbs>
void AddNumbers(const Verbs& verbs, std::vector<std::string>* numbers) {
  for (const plans::v1::Verb& verb : verbs) {
    for (const std::string& target : verb.dial().targets()) {
      if (std::optional<std::string> number = telephony::ToE164(target); number.has_value()) {
        numbers->push_back(*std::move(number));
      }
    }
  }
}

}  // namespace

std::vector<std::string> NumbersDialledBy(const plans::v1::CallPlan& plan) {
  std::vector<std::string> numbers;
  AddNumbers(plan.verbs(), &numbers);
  for (const auto& [name, step] : plan.steps()) AddNumbers(step.verbs(), &numbers);
  return numbers;
}

absl::Status CheckPlanDestinations(const DestinationPolicy& policy, const std::vector<DestinationRule>& rules,
                                   const plans::v1::CallPlan& plan) {
  for (const std::string& number : NumbersDialledBy(plan)) TL_RETURN_IF_ERROR(policy.Check(number, rules));
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
