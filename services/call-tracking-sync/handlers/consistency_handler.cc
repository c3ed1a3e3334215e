#include "services/call-tracking-sync/handlers/consistency_handler.h"

#include "libs/base/status.h"

namespace trunkline::tracking_sync {

using rpc::Caller;

grpc::Status ConsistencyHandler::StartCheck(grpc::ServerContext* context,
                                            const tracking::v1::StartCheckRequest* request,
                                            tracking::v1::StartCheckResponse* response) {
  return parts_.methods.Unary("ConsistencyService/StartCheck", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_check(), parts_.checks.Start(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status ConsistencyHandler::GetCheck(grpc::ServerContext* context, const tracking::v1::GetCheckRequest* request,
                                          tracking::v1::GetCheckResponse* response) {
  return parts_.methods.Unary("ConsistencyService/GetCheck", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_check(), parts_.checks.Get(caller.business_id, request->check_id()));
    return absl::OkStatus();
  });
}

grpc::Status ConsistencyHandler::ListChecks(grpc::ServerContext* context,
                                            const tracking::v1::ListChecksRequest* request,
                                            tracking::v1::ListChecksResponse* response) {
  return parts_.methods.Unary("ConsistencyService/ListChecks", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.checks.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status ConsistencyHandler::CancelCheck(grpc::ServerContext* context,
                                             const tracking::v1::CancelCheckRequest* request,
                                             tracking::v1::CancelCheckResponse* response) {
  return parts_.methods.Unary("ConsistencyService/CancelCheck", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_check(), parts_.checks.Cancel(caller, request->check_id()));
    return absl::OkStatus();
  });
}

grpc::Status ConsistencyHandler::ListFindings(grpc::ServerContext* context,
                                              const tracking::v1::ListFindingsRequest* request,
                                              tracking::v1::ListFindingsResponse* response) {
  return parts_.methods.Unary("ConsistencyService/ListFindings", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.checks.ListFindings(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status ConsistencyHandler::StartReconciliation(grpc::ServerContext* context,
                                                     const tracking::v1::StartReconciliationRequest* request,
                                                     tracking::v1::StartReconciliationResponse* response) {
  return parts_.methods.Unary(
      "ConsistencyService/StartReconciliation", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_reconciliation(), parts_.reconciliations.Start(caller, *request));
        return absl::OkStatus();
      });
}

grpc::Status ConsistencyHandler::GetReconciliation(grpc::ServerContext* context,
                                                   const tracking::v1::GetReconciliationRequest* request,
                                                   tracking::v1::GetReconciliationResponse* response) {
  return parts_.methods.Unary(
      "ConsistencyService/GetReconciliation", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_reconciliation(),
                            parts_.reconciliations.Get(caller.business_id, request->reconciliation_id()));
        return absl::OkStatus();
      });
}

grpc::Status ConsistencyHandler::ListDiscrepancies(grpc::ServerContext* context,
                                                   const tracking::v1::ListDiscrepanciesRequest* request,
                                                   tracking::v1::ListDiscrepanciesResponse* response) {
  return parts_.methods.Unary(
      "ConsistencyService/ListDiscrepancies", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response, parts_.reconciliations.ListDiscrepancies(caller.business_id, *request));
        return absl::OkStatus();
      });
}

}  // namespace trunkline::tracking_sync
