#include "services/call-tracking-sync/handlers/tracking_call_handler.h"

#include "libs/base/status.h"
#include "services/call-tracking-sync/handlers/settling.h"

namespace trunkline::tracking_sync {

using rpc::Caller;

grpc::Status TrackingCallHandler::GetTrackedCall(grpc::ServerContext* context,
                                                 const tracking::v1::GetTrackedCallRequest* request,
                                                 tracking::v1::GetTrackedCallResponse* response) {
  return parts_.methods.Unary("TrackingCallService/GetTrackedCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.calls.Get(caller, *request, PatienceOf(*context)));
    return absl::OkStatus();
  });
}

grpc::Status TrackingCallHandler::UpdateTrackedCall(grpc::ServerContext* context,
                                                    const tracking::v1::UpdateTrackedCallRequest* request,
                                                    tracking::v1::UpdateTrackedCallResponse* response) {
  return parts_.methods.Unary(
      "TrackingCallService/UpdateTrackedCall", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response, parts_.calls.Update(caller, *request, PatienceOf(*context)));
        return absl::OkStatus();
      });
}

grpc::Status TrackingCallHandler::WarmTrackedCalls(grpc::ServerContext* context,
                                                   const tracking::v1::WarmTrackedCallsRequest* request,
                                                   tracking::v1::WarmTrackedCallsResponse* response) {
  return parts_.methods.Unary("TrackingCallService/WarmTrackedCalls", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.calls.Warm(caller.business_id, *request));
                                return absl::OkStatus();
                              });
}

}  // namespace trunkline::tracking_sync
