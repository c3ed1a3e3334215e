#include "services/call-tracking-sync/handlers/tracking_number_handler.h"

#include <utility>

#include "libs/base/status.h"
#include "services/call-tracking-sync/handlers/settling.h"

namespace trunkline::tracking_sync {

using rpc::Caller;
using tracking::v1::NumberOrder;

grpc::Status TrackingNumberHandler::ListTrackingNumbers(grpc::ServerContext* context,
                                                        const tracking::v1::ListTrackingNumbersRequest* request,
                                                        tracking::v1::ListTrackingNumbersResponse* response) {
  return parts_.methods.Unary("TrackingNumberService/ListTrackingNumbers", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.numbers.List(caller.business_id, *request));
                                return absl::OkStatus();
                              });
}

grpc::Status TrackingNumberHandler::GetTrackingNumber(grpc::ServerContext* context,
                                                      const tracking::v1::GetTrackingNumberRequest* request,
                                                      tracking::v1::GetTrackingNumberResponse* response) {
  return parts_.methods.Unary(
      "TrackingNumberService/GetTrackingNumber", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response, parts_.numbers.Get(caller.business_id, request->number()));
        return absl::OkStatus();
      });
}

grpc::Status TrackingNumberHandler::OrderTrackingNumber(grpc::ServerContext* context,
                                                        const tracking::v1::OrderTrackingNumberRequest* request,
                                                        tracking::v1::OrderTrackingNumberResponse* response) {
  return parts_.methods.Unary(
      "TrackingNumberService/OrderTrackingNumber", context, [&](const Caller& caller) -> absl::Status {
        const Settling settling(*context, parts_.methods, parts_.notices);
        TL_ASSIGN_OR_RETURN(NumberOrder order, parts_.numbers.Order(caller, *request));
        TL_ASSIGN_OR_RETURN(*response->mutable_order(), settling.Await(std::move(order), &IsSettled, [&] {
          return parts_.numbers.GetOrder(caller.business_id, request->request_id());
        }));
        return absl::OkStatus();
      });
}

grpc::Status TrackingNumberHandler::GetNumberOrder(grpc::ServerContext* context,
                                                   const tracking::v1::GetNumberOrderRequest* request,
                                                   tracking::v1::GetNumberOrderResponse* response) {
  return parts_.methods.Unary("TrackingNumberService/GetNumberOrder", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response->mutable_order(),
                                                    parts_.numbers.GetOrder(caller.business_id, request->request_id()));
                                return absl::OkStatus();
                              });
}

grpc::Status TrackingNumberHandler::SettleNumberOrder(grpc::ServerContext* context,
                                                      const tracking::v1::SettleNumberOrderRequest* request,
                                                      tracking::v1::SettleNumberOrderResponse* response) {
  return parts_.methods.Unary(
      "TrackingNumberService/SettleNumberOrder", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_order(), parts_.numbers.SettleOrder(caller, *request));
        return absl::OkStatus();
      });
}

grpc::Status TrackingNumberHandler::ReleaseTrackingNumber(grpc::ServerContext* context,
                                                          const tracking::v1::ReleaseTrackingNumberRequest* request,
                                                          tracking::v1::ReleaseTrackingNumberResponse* response) {
  return parts_.methods.Unary(
      "TrackingNumberService/ReleaseTrackingNumber", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_number(), parts_.numbers.Release(caller, *request));
        return absl::OkStatus();
      });
}

grpc::Status TrackingNumberHandler::ReconcileTrackingNumbers(
    grpc::ServerContext* context, const tracking::v1::ReconcileTrackingNumbersRequest* request,
    tracking::v1::ReconcileTrackingNumbersResponse* /*response*/) {
  return parts_.methods.Unary("TrackingNumberService/ReconcileTrackingNumbers", context, [&](const Caller& caller) {
    return parts_.numbers.Reconcile(caller.business_id, *request);
  });
}

}  // namespace trunkline::tracking_sync
