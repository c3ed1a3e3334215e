#include "services/gateway/dialing/dial_retry.h"

#include "libs/base/status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {

absl::StatusOr<std::optional<PlannedRetry>> DialRetry::Plan(const DoubtfulDial& dial, std::string_view resolved_by) {
  control::v1::InitiateCallRequest request;
  if (dial.request.empty() || !request.ParseFromString(dial.request)) return std::nullopt;
  TL_ASSIGN_OR_RETURN(const std::shared_ptr<const BusinessAccounts> accounts,
                      parts_.accounts.Of(dial.call.business_id));
  const auto found = accounts->find(dial.call.provider_account_id);
  if (found == accounts->end()) return std::nullopt;
  const accounts::v1::RetryPolicy& policy = found->second.retry_not_placed;
  const absl::Time now = InMicros(parts_.clock.Now());
  if (dial.retries >= policy.attempts()) return std::nullopt;
  if (now > dial.requested_at + telephony::FromProto(policy.longest_age())) return std::nullopt;
  const absl::StatusOr<std::vector<DialRoute>> routes =
      ChooseRoutes(*accounts, parts_.registry, {.account_id = dial.call.provider_account_id, .from = dial.from});
  // Disabled meanwhile, or without the number: then the finding stands.
  if (!routes.ok()) return std::nullopt;
  TL_RETURN_IF_ERROR(parts_.guard.MayDial(dial.call.provider_account_id));

  PlannedRetry retry;
  PreparedDial& prepared = retry.prepared;
  prepared.call = dial.call;
  ++prepared.call.attempt;
  prepared.to = dial.to;
  prepared.committed_at = now;
  prepared.route = routes->front();
  prepared.options = DialOptionsOf(request, dial.from);
  prepared.admission = {.business_id = dial.call.business_id,
                        .provider_account_id = dial.call.provider_account_id,
                        .call_id = dial.call.call_id,
                        .attempt = dial.call.attempt,
                        .caller_number = dial.from,
                        .campaign_id = request.campaign_id(),
                        .attempt_id = request.attempt_id()};
  retry.dial = {.call = prepared.call,
                .from = dial.from,
                .rates = prepared.route.rates,
                .committed_at = now,
                .check_at = parts_.pipeline.CheckAt(now),
                .ended = {{.number = dial.call.attempt,
                           .provider_account_id = dial.call.provider_account_id,
                           .from = dial.from,
                           .state = control::v1::DIAL_STATE_NOT_PLACED,
                           .resolved_by = std::string(resolved_by),
                           .committed_at = dial.committed_at,
                           .resolved_at = now,
                           .error = NotPlacedError()}},
                .facts = {AttemptFailedFact(dial.call, dial.from, NotPlacedError(), now),
                          NextAttemptFact(prepared.call, dial.from, now)}};
  return retry;
}

}  // namespace trunkline::gateway
