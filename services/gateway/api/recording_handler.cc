#include "services/gateway/api/recording_handler.h"

#include "libs/base/status.h"

namespace trunkline::gateway {

using rpc::Caller;

grpc::Status RecordingHandler::ListRecordings(grpc::ServerContext* context,
                                              const recordings::v1::ListRecordingsRequest* request,
                                              recordings::v1::ListRecordingsResponse* response) {
  return methods_.Unary("RecordingService/ListRecordings", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, recordings_.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status RecordingHandler::GetRecording(grpc::ServerContext* context,
                                            const recordings::v1::GetRecordingRequest* request,
                                            recordings::v1::GetRecordingResponse* response) {
  return methods_.Unary("RecordingService/GetRecording", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_recording(), recordings_.Get(caller.business_id, request->recording_id()));
    return absl::OkStatus();
  });
}

grpc::Status RecordingHandler::CreateDownloadLink(grpc::ServerContext* context,
                                                  const recordings::v1::CreateDownloadLinkRequest* request,
                                                  recordings::v1::CreateDownloadLinkResponse* response) {
  return methods_.Unary("RecordingService/CreateDownloadLink", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, recordings_.CreateLink(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status RecordingHandler::DeleteRecording(grpc::ServerContext* context,
                                               const recordings::v1::DeleteRecordingRequest* request,
                                               recordings::v1::DeleteRecordingResponse* /*response*/) {
  return methods_.Unary("RecordingService/DeleteRecording", context, [&](const Caller& caller) {
    return recordings_.Delete(caller.business_id, caller.actor, request->recording_id());
  });
}

}  // namespace trunkline::gateway
