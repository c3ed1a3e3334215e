#include "services/gateway/accounts/account_guard.h"

#include <algorithm>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using providers::DialOutcome;

bool IsFailure(const DialOutcome& outcome) {
  if (outcome.kind == DialOutcome::Kind::kInDoubt) return true;
  return outcome.kind == DialOutcome::Kind::kRejected && outcome.error.code() == calls::v1::CALL_ERROR_CODE_UNAVAILABLE;
}

absl::Status Resting(const std::string& provider_account_id, std::string_view why, absl::Duration rest) {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_PROVIDER_ACCOUNT_RESTING,
                              Concat("provider account ", provider_account_id, " ", why, "; nothing was dialled"),
                              {{"provider_account_id", provider_account_id}}),
                        rest);
}

}  // namespace

absl::Status AccountGuard::MayDial(const std::string& provider_account_id) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(provider_account_id);
  if (found == accounts_.end()) return absl::OkStatus();
  const absl::Time now = clock_.Now();
  State& state = found->second;
  TL_RETURN_IF_ERROR(Rest(provider_account_id, state, now));
  // Of those that a breaker lets through again one tries; the others wait for what comes of it.
  if (state.failures >= options_.failures) state.rests_until = now + options_.rest;
  return absl::OkStatus();
}

absl::Status AccountGuard::Look(const std::string& provider_account_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(provider_account_id);
  return found == accounts_.end() ? absl::OkStatus() : Rest(provider_account_id, found->second, clock_.Now());
}

absl::Status AccountGuard::Rest(const std::string& provider_account_id, const State& state, absl::Time now) const {
  if (now < state.told_until) {
    return Resting(provider_account_id, "takes no calls for a while, as its provider said", state.told_until - now);
  }
  if (state.failures >= options_.failures && now < state.rests_until) {
    return Resting(provider_account_id, "failed too often and is left alone for a moment", state.rests_until - now);
  }
  return absl::OkStatus();
}

void AccountGuard::Note(const std::string& provider_account_id, const DialOutcome& outcome) {
  const std::lock_guard lock(mutex_);
  const absl::Time now = clock_.Now();
  if (outcome.retry_after.has_value()) {
    State& state = accounts_[provider_account_id];
    state.failures = 0;
    // Of answers that cross, the one that asks for the longest rest counts.
    state.told_until = std::max(state.told_until, now + std::min(*outcome.retry_after, options_.longest_rest));
    LogWarning(
        "a provider account is left alone, as its provider said",
        {{"provider_account_id", provider_account_id}, {"seconds", absl::ToInt64Seconds(state.told_until - now)}});
    return;
  }
  if (!IsFailure(outcome)) {
    const auto found = accounts_.find(provider_account_id);
    if (found == accounts_.end()) return;
    found->second.failures = 0;
    if (found->second.told_until <= now) accounts_.erase(found);
    return;
  }
  State& state = accounts_[provider_account_id];
  if (++state.failures < options_.failures) return;
  state.rests_until = now + options_.rest;
  if (state.failures == options_.failures) {
    LogWarning("a provider account is left alone for a while", {{"provider_account_id", provider_account_id}});
  }
}

}  // namespace trunkline::gateway
