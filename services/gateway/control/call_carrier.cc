#include "services/gateway/control/call_carrier.h"

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"

namespace trunkline::gateway {

absl::StatusOr<CarriedCall> CallCarriers::Find(const std::string& business_id, const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(const control::v1::Call call, reader_.Get(business_id, call_id));
  return Of(business_id, call);
}

absl::StatusOr<CarriedCall> CallCarriers::Of(const std::string& business_id, const control::v1::Call& call) {
  const std::string& call_id = call.record().call_id();
  const calls::v1::CallDetails& details = call.record().details();
  if (details.external_call_id().empty()) {
    return WithRetryAfter(
        Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_IN_DOUBT,
              Concat("it is not known yet whether the provider placed call ", call_id, "; try again in a moment"),
              {{"call_id", call_id}}),
        absl::Seconds(2));
  }
  CarriedCall carried;
  TL_ASSIGN_OR_RETURN(carried.account, accounts_.Find(business_id, details.provider_account_id()));
  carried.provider = registry_.Find(carried.account.provider);
  if (carried.provider == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_UNKNOWN_PROVIDER,
                 "the call is carried by a provider that this server was not built with");
  }
  carried.live = {.call_id = call_id,
                  .external_call_id = details.external_call_id(),
                  .from = details.from(),
                  .to = details.to(),
                  .direction = details.direction()};
  carried.identity = {.call_id = call_id,
                      .business_id = business_id,
                      .provider = carried.account.provider,
                      .provider_account_id = carried.account.id,
                      .traceparent = CurrentTrace().ToTraceparent()};
  carried.call = call;
  return carried;
}

}  // namespace trunkline::gateway
