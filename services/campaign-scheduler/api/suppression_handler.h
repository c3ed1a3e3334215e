// SuppressionService over gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/campaign-scheduler/campaigns/suppression_list.h"
#include "trunkline/campaigns/v1/suppression_service.grpc.pb.h"

namespace trunkline::scheduler {

class SuppressionHandler final : public campaigns::v1::SuppressionService::Service {
 public:
  struct Parts {  // all of them outlive the object
    const rpc::Methods& methods;
    SuppressionList& list;
  };

  explicit SuppressionHandler(Parts parts) : parts_(parts) {}

  grpc::Status AddSuppressions(grpc::ServerContext* context, const campaigns::v1::AddSuppressionsRequest* request,
                               campaigns::v1::AddSuppressionsResponse* response) override;
  grpc::Status RemoveSuppressions(grpc::ServerContext* context, const campaigns::v1::RemoveSuppressionsRequest* request,
                                  campaigns::v1::RemoveSuppressionsResponse* response) override;
  grpc::Status ListSuppressions(grpc::ServerContext* context, const campaigns::v1::ListSuppressionsRequest* request,
                                campaigns::v1::ListSuppressionsResponse* response) override;

 private:
  const Parts parts_;
};

}  // namespace trunkline::scheduler
