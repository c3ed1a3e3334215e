#include "services/call-tracking-sync/handlers/tracking_number_handler.h"

#include <algorithm>

#include "libs/base/status.h"
#include "services/call-tracking-sync/handlers/tracking_call_handler.h"

namespace trunkline::tracking_sync {

using rpc::Caller;
using tracking::v1::NumberOrder;

namespace {

constexpr absl::Duration kLook = absl::Seconds(1);  // at the order, without a notice

}  // namespace

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
        const absl::Time until = parts_.methods.Now() + PatienceOf(*context);
        uint64_t told = parts_.notices.count();
        TL_ASSIGN_OR_RETURN(NumberOrder order, parts_.numbers.Order(caller, *request));
        while (!IsSettled(order) && parts_.methods.Now() < until) {
          parts_.notices.WaitPast(told, std::min(until - parts_.methods.Now(), kLook));
          told = parts_.notices.count();
          TL_ASSIGN_OR_RETURN(order, parts_.numbers.GetOrder(caller.business_id, request->request_id()));
        }
        *response->mutable_order() = std::move(order);
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
