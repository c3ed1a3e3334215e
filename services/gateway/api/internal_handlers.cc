#include "services/gateway/api/internal_handlers.h"

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {

using rpc::Caller;

grpc::Status CallPlanHandler::GetCallPlan(grpc::ServerContext* context, const plans::v1::GetCallPlanRequest* request,
                                          plans::v1::GetCallPlanResponse* response) {
  return methods_.Unary("CallPlanService/GetCallPlan", context, [&](const Caller&) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_plan(), plans_.Get(*request));
    return absl::OkStatus();
  });
}

grpc::Status RefusedWebhookHandler::RecordRefusedWebhooks(grpc::ServerContext* context,
                                                          const audit::v1::RecordRefusedWebhooksRequest* request,
                                                          audit::v1::RecordRefusedWebhooksResponse* /*response*/) {
  return methods_.Unary("RefusedWebhookService/RecordRefusedWebhooks", context,
                        [&](const Caller&) { return refused_.Record(*request); });
}

grpc::Status CallInquiryHandler::InquireCall(grpc::ServerContext* context,
                                             const control::v1::InquireCallRequest* request,
                                             control::v1::InquireCallResponse* response) {
  return methods_.Unary("CallInquiryService/InquireCall", context, [&](const Caller&) -> absl::Status {
    FieldChecks checks;
    checks.RequireUuid(request->business_id(), "business_id");
    checks.RequireUuid(request->call_id(), "call_id");
    TL_RETURN_IF_ERROR(checks.Finish());
    TL_ASSIGN_OR_RETURN(const control::v1::CallLife life,
                        controller_.Inquire(request->business_id(), request->call_id()));
    response->set_life(life);
    return absl::OkStatus();
  });
}

grpc::Status CallInquiryHandler::FindDial(grpc::ServerContext* context, const control::v1::FindDialRequest* request,
                                          control::v1::FindDialResponse* response) {
  return methods_.Unary("CallInquiryService/FindDial", context, [&](const Caller&) -> absl::Status {
    FieldChecks checks;
    checks.RequireUuid(request->business_id(), "business_id");
    checks.RequireUuid(request->request_id(), "request_id");
    TL_RETURN_IF_ERROR(checks.Finish());
    TL_ASSIGN_OR_RETURN(const SettledRequest settled,
                        ledger_.SettleRequest(request->business_id(), request->request_id()));
    *response->mutable_now() = telephony::ToProto(settled.now);
    if (settled.call_id.empty()) return absl::OkStatus();
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), reader_.Get(request->business_id(), settled.call_id));
    return absl::OkStatus();
  });
}

}  // namespace trunkline::gateway
