// RecordingService on gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/gateway/recordings/stored_recordings.h"
#include "trunkline/recordings/v1/recording_service.grpc.pb.h"

namespace trunkline::gateway {

class RecordingHandler final : public recordings::v1::RecordingService::Service {
 public:
  // Both outlive the handler. `methods` authenticates by API key.
  RecordingHandler(const rpc::Methods& methods, StoredRecordings& recordings)
      : methods_(methods), recordings_(recordings) {}

  grpc::Status ListRecordings(grpc::ServerContext* context, const recordings::v1::ListRecordingsRequest* request,
                              recordings::v1::ListRecordingsResponse* response) override;
  grpc::Status GetRecording(grpc::ServerContext* context, const recordings::v1::GetRecordingRequest* request,
                            recordings::v1::GetRecordingResponse* response) override;
  grpc::Status CreateDownloadLink(grpc::ServerContext* context,
                                  const recordings::v1::CreateDownloadLinkRequest* request,
                                  recordings::v1::CreateDownloadLinkResponse* response) override;
  grpc::Status DeleteRecording(grpc::ServerContext* context, const recordings::v1::DeleteRecordingRequest* request,
                               recordings::v1::DeleteRecordingResponse* response) override;

 private:
  const rpc::Methods& methods_;
  StoredRecordings& recordings_;
};

}  // namespace trunkline::gateway
