// ProviderCallService over gRPC, for Trunkline's own services.
#pragma once

#include "libs/providers/registry.h"
#include "libs/rpc/method.h"
#include "services/gateway/accounts/account_directory.h"
#include "trunkline/control/v1/provider_call_service.grpc.pb.h"

namespace trunkline::gateway {

class ProviderCallHandler final : public control::v1::ProviderCallService::Service {
 public:
  // `methods` authenticates by service token. All of them outlive the handler.
  ProviderCallHandler(const rpc::Methods& methods, AccountDirectory& accounts, const providers::Registry& registry)
      : methods_(methods), accounts_(accounts), registry_(registry) {}

  grpc::Status ListProviderCalls(grpc::ServerContext* context, const control::v1::ListProviderCallsRequest* request,
                                 control::v1::ListProviderCallsResponse* response) override;

 private:
  absl::Status List(const control::v1::ListProviderCallsRequest& request,
                    control::v1::ListProviderCallsResponse* response);

  const rpc::Methods& methods_;
  AccountDirectory& accounts_;
  const providers::Registry& registry_;
};

}  // namespace trunkline::gateway
