#include "services/gateway/call_ender.h"

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/telephony/call_status.h"
#include "services/gateway/provider_errors.h"

namespace trunkline::gateway {

absl::StatusOr<control::v1::Call> CallEnder::End(const std::string& business_id, const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(control::v1::Call call, parts_.reader.Get(business_id, call_id));
  const calls::v1::CallDetails& details = call.record().details();
  if (telephony::IsEnded(call.record().status())) return call;
  if (details.external_call_id().empty()) {
    return WithRetryAfter(
        Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_IN_DOUBT,
              Concat("it is not known yet whether the provider placed call ", call_id, "; try again in a moment"),
              {{"call_id", call_id}}),
        absl::Seconds(2));
  }
  TL_ASSIGN_OR_RETURN(const providers::Account account,
                      parts_.accounts.Find(business_id, details.provider_account_id()));
  const providers::Provider* provider = parts_.registry.Find(account.provider);
  if (provider == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_UNKNOWN_PROVIDER,
                 "the call is carried by a provider that this server was not built with");
  }
  Stopwatch stopwatch(parts_.clock);
  const absl::Status ended = provider->Client().EndCall(account, details.external_call_id());
  parts_.metrics.ObserveProvider(account.provider, "end_call", stopwatch.Lap());
  if (!ended.ok()) return ProviderError(ended, "ending the call");

  const CallIdentity identity = {.call_id = call_id,
                                 .business_id = business_id,
                                 .provider = account.provider,
                                 .provider_account_id = account.id,
                                 .traceparent = CurrentTrace().ToTraceparent()};
  const absl::Time now = parts_.clock.Now();
  if (const absl::Status noted = parts_.ledger.AddFact(identity, EndRequestedFact(identity, now), now); !noted.ok()) {
    LogWarning("the end of a call could not be noted", {{"call_id", call_id}, {"error", noted}});
    return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                 "the provider ends the call, but that could not be noted; ask again");
  }
  parts_.facts_added();
  return parts_.reader.Get(business_id, call_id);
}

}  // namespace trunkline::gateway
