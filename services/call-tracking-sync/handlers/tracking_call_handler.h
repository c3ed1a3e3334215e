// TrackingCallService over gRPC.
#pragma once

#include "absl/time/time.h"
#include "libs/rpc/method.h"
#include "services/call-tracking-sync/calls/tracked_calls.h"
#include "trunkline/tracking/v1/tracking_call_service.grpc.pb.h"

namespace trunkline::tracking_sync {

class TrackingCallHandler final : public tracking::v1::TrackingCallService::Service {
 public:
  struct Parts {  // all of them outlive the object
    const rpc::Methods& methods;
    TrackedCalls& calls;
  };

  explicit TrackingCallHandler(Parts parts) : parts_(parts) {}

  grpc::Status GetTrackedCall(grpc::ServerContext* context, const tracking::v1::GetTrackedCallRequest* request,
                              tracking::v1::GetTrackedCallResponse* response) override;
  grpc::Status UpdateTrackedCall(grpc::ServerContext* context, const tracking::v1::UpdateTrackedCallRequest* request,
                                 tracking::v1::UpdateTrackedCallResponse* response) override;
  grpc::Status WarmTrackedCalls(grpc::ServerContext* context, const tracking::v1::WarmTrackedCallsRequest* request,
                                tracking::v1::WarmTrackedCallsResponse* response) override;

 private:
  const Parts parts_;
};

}  // namespace trunkline::tracking_sync
