#include "services/call-tracking-sync/handlers/tracking_call_handler.h"

#include <algorithm>
#include <chrono>

#include "libs/base/status.h"

namespace trunkline::tracking_sync {

using rpc::Caller;

absl::Duration PatienceOf(const grpc::ServerContext& context) {
  constexpr absl::Duration kMost = absl::Seconds(20);
  constexpr absl::Duration kWayBack = absl::Milliseconds(200);
  const absl::Duration left = absl::FromChrono(context.deadline() - std::chrono::system_clock::now()) - kWayBack;
  return std::clamp(left, absl::ZeroDuration(), kMost);
}

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
