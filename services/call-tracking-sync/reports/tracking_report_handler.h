// TrackingReportService on gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/call-tracking-sync/reports/call_report.h"
#include "trunkline/tracking/v1/tracking_report_service.grpc.pb.h"

namespace trunkline::tracking_sync {

class TrackingReportHandler final : public tracking::v1::TrackingReportService::Service {
 public:
  // `methods` authenticates by API key. Both outlive the handler.
  TrackingReportHandler(const rpc::Methods& methods, const CallReport& report) : methods_(methods), report_(report) {}

  grpc::Status ReportCalls(grpc::ServerContext* context, const tracking::v1::ReportCallsRequest* request,
                           tracking::v1::ReportCallsResponse* response) override;

 private:
  const rpc::Methods& methods_;
  const CallReport& report_;
};

}  // namespace trunkline::tracking_sync
