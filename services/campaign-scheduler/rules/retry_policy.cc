#include "services/campaign-scheduler/rules/retry_policy.h"

#include <algorithm>

#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

const v1::RetryRule* RuleOf(const v1::RetryPolicy& policy, v1::Disposition ending) {
  for (const v1::RetryRule& rule : policy.rules()) {
    if (rule.disposition() == ending) return &rule;
  }
  return nullptr;
}

bool IsRetriedWithoutRule(v1::Disposition ending) {
  return ending != v1::DISPOSITION_CONNECTED && ending != v1::DISPOSITION_REJECTED &&
         ending != v1::DISPOSITION_INVALID_NUMBER && ending != v1::DISPOSITION_ABANDONED;
}

// After so many endings of one kind. A delay that is none counts as the usual one: nobody is called at once by mistake.
absl::Duration DelayAfter(const v1::RetryRule& rule, int64_t endings, absl::Duration usual) {
  const int last = rule.delays_size() - 1;
  const absl::Duration delay =
      telephony::FromProto(rule.delays(static_cast<int>(std::min<int64_t>(endings - 1, last))));
  return delay > absl::ZeroDuration() ? delay : usual;
}

}  // namespace

int AttemptCap(const v1::RetryPolicy& policy) { return std::max(policy.max_attempts(), 1); }

bool CountsAsAttempt(v1::Disposition ending) { return ending != v1::DISPOSITION_NOT_DIALED; }

int AttemptsThatCount(std::span<const v1::Disposition> endings) {
  return static_cast<int>(std::count_if(endings.begin(), endings.end(), CountsAsAttempt));
}

NextStep AfterAttempt(const v1::RetryPolicy& policy, std::span<const v1::Disposition> endings, absl::Time ended_at) {
  const v1::Disposition last = endings.back();
  const bool known = v1::Disposition_IsValid(last) && last != v1::DISPOSITION_UNSPECIFIED;
  const v1::Disposition ending = known ? last : v1::DISPOSITION_FAILED;
  const v1::ContactState finished =
      ending == v1::DISPOSITION_CONNECTED ? v1::CONTACT_STATE_REACHED : v1::CONTACT_STATE_EXHAUSTED;
  const auto same = std::count(endings.begin(), endings.end(), last);
  const v1::RetryRule* rule = RuleOf(policy, ending);
  const auto wait = [&](absl::Duration delay) {
    return NextStep{.state = v1::CONTACT_STATE_WAITING, .due_at = ended_at + delay};
  };

  if (ending == v1::DISPOSITION_NOT_DIALED) {
    const bool told = rule != nullptr && rule->delays_size() > 0;
    return wait(told ? DelayAfter(*rule, same, kUsualRedialDelay) : kUsualRedialDelay);
  }
  if (AttemptsThatCount(endings) >= AttemptCap(policy)) return {.state = finished};
  if (rule == nullptr) return IsRetriedWithoutRule(ending) ? wait(kUsualRetryDelay) : NextStep{.state = finished};
  const bool used_up = rule->max_attempts() > 0 && same >= rule->max_attempts();
  if (rule->delays().empty() || used_up) return {.state = finished};
  return wait(DelayAfter(*rule, same, kUsualRetryDelay));
}

}  // namespace trunkline::scheduler
