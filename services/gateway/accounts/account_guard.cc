#include "services/gateway/accounts/account_guard.h"

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

}  // namespace

absl::Status AccountGuard::MayDial(const std::string& provider_account_id) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(provider_account_id);
  if (found == accounts_.end() || found->second.failures < options_.failures) return absl::OkStatus();
  const absl::Time now = clock_.Now();
  State& state = found->second;
  if (now < state.rests_until) {
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_PROVIDER_ACCOUNT_RESTING,
                                Concat("provider account ", provider_account_id,
                                       " failed too often and is left alone for a moment; nothing was dialled"),
                                {{"provider_account_id", provider_account_id}}),
                          state.rests_until - now);
  }
  // This one tries; the others wait for what comes of it.
  state.rests_until = now + options_.rest;
  return absl::OkStatus();
}

void AccountGuard::Note(const std::string& provider_account_id, const DialOutcome& outcome) {
  const std::lock_guard lock(mutex_);
  if (!IsFailure(outcome)) {
    accounts_.erase(provider_account_id);
    return;
  }
  State& state = accounts_[provider_account_id];
  if (++state.failures < options_.failures) return;
  state.rests_until = clock_.Now() + options_.rest;
  if (state.failures == options_.failures) {
    LogWarning("a provider account is left alone for a while", {{"provider_account_id", provider_account_id}});
  }
}

}  // namespace trunkline::gateway
