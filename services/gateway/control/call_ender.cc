#include "services/gateway/control/call_ender.h"

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/telephony/call_status.h"
#include "services/gateway/request/provider_errors.h"

namespace trunkline::gateway {

absl::StatusOr<control::v1::Call> CallEnder::End(const std::string& business_id, const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(control::v1::Call call, parts_.reader.Get(business_id, call_id));
  if (telephony::IsEnded(call.record().status())) return call;
  TL_ASSIGN_OR_RETURN(const CarriedCall carried, parts_.carriers.Of(business_id, call));
  const absl::Status ended = parts_.requests.Ask(carried.identity, "end_call", [&] {
    return carried.provider->Client().EndCall(carried.account, carried.live.external_call_id);
  });
  if (!ended.ok()) return ProviderError(ended, "ending the call");

  const absl::Time now = parts_.clock.Now();
  if (const absl::Status noted = parts_.ledger.AddFact(carried.identity, EndRequestedFact(carried.identity, now), now);
      !noted.ok()) {
    LogWarning("the end of a call could not be noted", {{"call_id", call_id}, {"error", noted}});
    return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                 "the provider ends the call, but that could not be noted; ask again");
  }
  parts_.facts_added();
  return parts_.reader.Get(business_id, call_id);
}

}  // namespace trunkline::gateway
