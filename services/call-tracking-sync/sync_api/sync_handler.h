// SyncService over gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/call-tracking-sync/sync_api/sync_queries.h"
#include "services/call-tracking-sync/sync_api/sync_runs.h"
#include "trunkline/tracking/v1/sync_service.grpc.pb.h"

namespace trunkline::tracking_sync {

class SyncHandler final : public tracking::v1::SyncService::Service {
 public:
  // Both outlive the object.
  SyncHandler(const rpc::Methods& methods, postgres::Pool& pool) : methods_(methods), queries_(pool), runs_(pool) {}

  grpc::Status ListSyncStatus(grpc::ServerContext* context, const tracking::v1::ListSyncStatusRequest* request,
                              tracking::v1::ListSyncStatusResponse* response) override;
  grpc::Status PauseSync(grpc::ServerContext* context, const tracking::v1::PauseSyncRequest* request,
                         tracking::v1::PauseSyncResponse* response) override;
  grpc::Status ResumeSync(grpc::ServerContext* context, const tracking::v1::ResumeSyncRequest* request,
                          tracking::v1::ResumeSyncResponse* response) override;
  grpc::Status StartSyncRun(grpc::ServerContext* context, const tracking::v1::StartSyncRunRequest* request,
                            tracking::v1::StartSyncRunResponse* response) override;
  grpc::Status GetSyncRun(grpc::ServerContext* context, const tracking::v1::GetSyncRunRequest* request,
                          tracking::v1::GetSyncRunResponse* response) override;
  grpc::Status ListSyncRuns(grpc::ServerContext* context, const tracking::v1::ListSyncRunsRequest* request,
                            tracking::v1::ListSyncRunsResponse* response) override;
  grpc::Status ChangeSyncRun(grpc::ServerContext* context, const tracking::v1::ChangeSyncRunRequest* request,
                             tracking::v1::ChangeSyncRunResponse* response) override;

 private:
  const rpc::Methods& methods_;
  SyncQueries queries_;
  SyncRuns runs_;
};

}  // namespace trunkline::tracking_sync
