// ConsistencyService over gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/call-tracking-sync/consistency/check_requests.h"
#include "services/call-tracking-sync/reconciliation/reconciliation_requests.h"
#include "trunkline/tracking/v1/consistency_service.grpc.pb.h"

namespace trunkline::tracking_sync {

class ConsistencyHandler final : public tracking::v1::ConsistencyService::Service {
 public:
  struct Parts {  // all of them outlive the object
    const rpc::Methods& methods;
    CheckRequests& checks;
    ReconciliationRequests& reconciliations;
  };

  explicit ConsistencyHandler(Parts parts) : parts_(parts) {}

  grpc::Status StartCheck(grpc::ServerContext* context, const tracking::v1::StartCheckRequest* request,
                          tracking::v1::StartCheckResponse* response) override;
  grpc::Status GetCheck(grpc::ServerContext* context, const tracking::v1::GetCheckRequest* request,
                        tracking::v1::GetCheckResponse* response) override;
  grpc::Status ListChecks(grpc::ServerContext* context, const tracking::v1::ListChecksRequest* request,
                          tracking::v1::ListChecksResponse* response) override;
  grpc::Status CancelCheck(grpc::ServerContext* context, const tracking::v1::CancelCheckRequest* request,
                           tracking::v1::CancelCheckResponse* response) override;
  grpc::Status ListFindings(grpc::ServerContext* context, const tracking::v1::ListFindingsRequest* request,
                            tracking::v1::ListFindingsResponse* response) override;
  grpc::Status StartReconciliation(grpc::ServerContext* context,
                                   const tracking::v1::StartReconciliationRequest* request,
                                   tracking::v1::StartReconciliationResponse* response) override;
  grpc::Status GetReconciliation(grpc::ServerContext* context, const tracking::v1::GetReconciliationRequest* request,
                                 tracking::v1::GetReconciliationResponse* response) override;
  grpc::Status ListDiscrepancies(grpc::ServerContext* context, const tracking::v1::ListDiscrepanciesRequest* request,
                                 tracking::v1::ListDiscrepanciesResponse* response) override;

 private:
  const Parts parts_;
};

}  // namespace trunkline::tracking_sync
