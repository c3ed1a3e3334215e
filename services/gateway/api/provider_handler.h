// ProviderService on gRPC.
#pragma once

#include "libs/providers/registry.h"
#include "libs/rpc/method.h"
#include "trunkline/providers/v1/provider_service.grpc.pb.h"

namespace trunkline::gateway {

class ProviderHandler final : public providers::v1::ProviderService::Service {
 public:
  // Both outlive the handler. `methods` authenticates by API key.
  ProviderHandler(const rpc::Methods& methods, const providers::Registry& registry)
      : methods_(methods), registry_(registry) {}

  grpc::Status ListProviders(grpc::ServerContext* context, const providers::v1::ListProvidersRequest* request,
                             providers::v1::ListProvidersResponse* response) override;

 private:
  const rpc::Methods& methods_;
  const providers::Registry& registry_;
};

}  // namespace trunkline::gateway
