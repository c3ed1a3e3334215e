#include "services/campaign-scheduler/api/suppression_handler.h"

#include "libs/base/status.h"

namespace trunkline::scheduler {

using rpc::Caller;

grpc::Status SuppressionHandler::AddSuppressions(grpc::ServerContext* context,
                                                 const campaigns::v1::AddSuppressionsRequest* request,
                                                 campaigns::v1::AddSuppressionsResponse* response) {
  return parts_.methods.Unary("SuppressionService/AddSuppressions", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.list.Add(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status SuppressionHandler::RemoveSuppressions(grpc::ServerContext* context,
                                                    const campaigns::v1::RemoveSuppressionsRequest* request,
                                                    campaigns::v1::RemoveSuppressionsResponse* response) {
  return parts_.methods.Unary("SuppressionService/RemoveSuppressions", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.list.Remove(caller, *request));
                                return absl::OkStatus();
                              });
}

grpc::Status SuppressionHandler::ListSuppressions(grpc::ServerContext* context,
                                                  const campaigns::v1::ListSuppressionsRequest* request,
                                                  campaigns::v1::ListSuppressionsResponse* response) {
  return parts_.methods.Unary("SuppressionService/ListSuppressions", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.list.List(caller.business_id, *request));
                                return absl::OkStatus();
                              });
}

}  // namespace trunkline::scheduler
