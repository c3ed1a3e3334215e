#include "services/gateway/api/internal_handlers.h"

#include "libs/base/status.h"

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

}  // namespace trunkline::gateway
