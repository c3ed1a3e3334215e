#include "services/call-tracking-sync/reports/tracking_report_handler.h"

#include "libs/base/status.h"

namespace trunkline::tracking_sync {

grpc::Status TrackingReportHandler::ReportCalls(grpc::ServerContext* context,
                                                const tracking::v1::ReportCallsRequest* request,
                                                tracking::v1::ReportCallsResponse* response) {
  return methods_.Unary("TrackingReportService/ReportCalls", context, [&](const rpc::Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, report_.Sum(caller.business_id, *request));
    return absl::OkStatus();
  });
}

}  // namespace trunkline::tracking_sync
