#include "services/gateway/api/provider_call_handler.h"

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/request/provider_errors.h"

namespace trunkline::gateway {
namespace {

using control::v1::ListProviderCallsRequest;
using control::v1::ListProviderCallsResponse;

constexpr absl::Duration kLongestRange = absl::Hours(24);

absl::Status Check(const ListProviderCallsRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.business_id(), "business_id");
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  checks.Require(request.from().empty() || telephony::IsE164(request.from()), "from", telephony::kMustBeE164);
  checks.Require(request.to().empty() || telephony::IsE164(request.to()), "to", telephony::kMustBeE164);
  if (checks.Require(request.has_created_since() && request.has_created_before(), "created_before",
                     "both ends of the time must be given")) {
    const absl::Duration range =
        telephony::FromProto(request.created_before()) - telephony::FromProto(request.created_since());
    checks.Require(range > absl::ZeroDuration() && range <= kLongestRange, "created_before",
                   "must be at most a day after created_since");
  }
  return checks.Finish();
}

}  // namespace

grpc::Status ProviderCallHandler::ListProviderCalls(grpc::ServerContext* context,
                                                    const ListProviderCallsRequest* request,
                                                    ListProviderCallsResponse* response) {
  return methods_.Unary("ProviderCallService/ListProviderCalls", context,
                        [&](const rpc::Caller&) { return List(*request, response); });
}

absl::Status ProviderCallHandler::List(const ListProviderCallsRequest& request, ListProviderCallsResponse* response) {
  TL_RETURN_IF_ERROR(Check(request));
  TL_ASSIGN_OR_RETURN(const providers::Account account,
                      accounts_.Find(request.business_id(), request.provider_account_id()));
  const providers::Provider* provider = registry_.Find(account.provider);
  if (provider == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_UNKNOWN_PROVIDER,
                 "the account is not one of a telephony provider");
  }
  const absl::StatusOr<std::vector<providers::ProviderCall>> calls =
      provider->Client().ListCalls(account, {.from = request.from(),
                                             .to = request.to(),
                                             .created_since = telephony::FromProto(request.created_since()),
                                             .created_before = telephony::FromProto(request.created_before())});
  if (!calls.ok()) return ProviderError(calls.status(), "listing the provider's calls");
  for (const providers::ProviderCall& call : *calls) {
    control::v1::ProviderCall* told = response->add_calls();
    told->set_external_call_id(call.external_call_id);
    told->set_from(call.from);
    told->set_to(call.to);
    *told->mutable_created_at() = telephony::ToProto(call.created_at);
    *told->mutable_event() = call.event;
  }
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
