// TrackingNumberService over gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/call-tracking-sync/numbers/number_requests.h"
#include "services/call-tracking-sync/work/notices.h"
#include "trunkline/tracking/v1/tracking_number_service.grpc.pb.h"

namespace trunkline::tracking_sync {

class TrackingNumberHandler final : public tracking::v1::TrackingNumberService::Service {
 public:
  struct Parts {  // all of them outlive the object
    const rpc::Methods& methods;
    NumberRequests& numbers;
    Notices& notices;
  };

  explicit TrackingNumberHandler(Parts parts) : parts_(parts) {}

  grpc::Status ListTrackingNumbers(grpc::ServerContext* context,
                                   const tracking::v1::ListTrackingNumbersRequest* request,
                                   tracking::v1::ListTrackingNumbersResponse* response) override;
  grpc::Status GetTrackingNumber(grpc::ServerContext* context, const tracking::v1::GetTrackingNumberRequest* request,
                                 tracking::v1::GetTrackingNumberResponse* response) override;
  // Waits a little for the order to be settled.
  grpc::Status OrderTrackingNumber(grpc::ServerContext* context,
                                   const tracking::v1::OrderTrackingNumberRequest* request,
                                   tracking::v1::OrderTrackingNumberResponse* response) override;
  grpc::Status GetNumberOrder(grpc::ServerContext* context, const tracking::v1::GetNumberOrderRequest* request,
                              tracking::v1::GetNumberOrderResponse* response) override;
  grpc::Status SettleNumberOrder(grpc::ServerContext* context, const tracking::v1::SettleNumberOrderRequest* request,
                                 tracking::v1::SettleNumberOrderResponse* response) override;
  grpc::Status ReleaseTrackingNumber(grpc::ServerContext* context,
                                     const tracking::v1::ReleaseTrackingNumberRequest* request,
                                     tracking::v1::ReleaseTrackingNumberResponse* response) override;
  grpc::Status ReconcileTrackingNumbers(grpc::ServerContext* context,
                                        const tracking::v1::ReconcileTrackingNumbersRequest* request,
                                        tracking::v1::ReconcileTrackingNumbersResponse* response) override;

 private:
  const Parts parts_;
};

}  // namespace trunkline::tracking_sync
