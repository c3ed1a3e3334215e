#include "services/call-tracking-sync/sync_api/sync_handler.h"

#include "libs/base/status.h"

namespace trunkline::tracking_sync {

using rpc::Caller;
namespace v1 = tracking::v1;

grpc::Status SyncHandler::ListSyncStatus(grpc::ServerContext* context, const v1::ListSyncStatusRequest* request,
                                         v1::ListSyncStatusResponse* response) {
  return methods_.Unary("SyncService/ListSyncStatus", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, queries_.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status SyncHandler::PauseSync(grpc::ServerContext* context, const v1::PauseSyncRequest* request,
                                    v1::PauseSyncResponse*) {
  return methods_.Unary("SyncService/PauseSync", context,
                        [&](const Caller& caller) -> absl::Status { return queries_.Pause(caller, *request); });
}

grpc::Status SyncHandler::ResumeSync(grpc::ServerContext* context, const v1::ResumeSyncRequest* request,
                                     v1::ResumeSyncResponse*) {
  return methods_.Unary("SyncService/ResumeSync", context,
                        [&](const Caller& caller) -> absl::Status { return queries_.Resume(caller, *request); });
}

grpc::Status SyncHandler::StartSyncRun(grpc::ServerContext* context, const v1::StartSyncRunRequest* request,
                                       v1::StartSyncRunResponse* response) {
  return methods_.Unary("SyncService/StartSyncRun", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_run(), runs_.Start(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status SyncHandler::GetSyncRun(grpc::ServerContext* context, const v1::GetSyncRunRequest* request,
                                     v1::GetSyncRunResponse* response) {
  return methods_.Unary("SyncService/GetSyncRun", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_run(), runs_.Get(caller.business_id, request->run_id()));
    return absl::OkStatus();
  });
}

grpc::Status SyncHandler::ListSyncRuns(grpc::ServerContext* context, const v1::ListSyncRunsRequest* request,
                                       v1::ListSyncRunsResponse* response) {
  return methods_.Unary("SyncService/ListSyncRuns", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, runs_.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status SyncHandler::ChangeSyncRun(grpc::ServerContext* context, const v1::ChangeSyncRunRequest* request,
                                        v1::ChangeSyncRunResponse* response) {
  return methods_.Unary("SyncService/ChangeSyncRun", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_run(), runs_.Change(caller, *request));
    return absl::OkStatus();
  });
}

}  // namespace trunkline::tracking_sync
