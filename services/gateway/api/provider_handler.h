// ProviderService on gRPC.
#pragma once

#include "libs/providers/registry.h"
#include "libs/rpc/method.h"
#include "services/gateway/calls/provider_comparison.h"
#include "trunkline/providers/v1/provider_service.grpc.pb.h"

namespace trunkline::gateway {

class ProviderHandler final : public providers::v1::ProviderService::Service {
 public:
  // All of them outlive the handler. `methods` authenticates by API key.
  ProviderHandler(const rpc::Methods& methods, const providers::Registry& registry, ProviderComparer& comparer)
      : methods_(methods), registry_(registry), comparer_(comparer) {}

  grpc::Status ListProviders(grpc::ServerContext* context, const providers::v1::ListProvidersRequest* request,
                             providers::v1::ListProvidersResponse* response) override;
  grpc::Status CompareProviders(grpc::ServerContext* context, const providers::v1::CompareProvidersRequest* request,
                                providers::v1::CompareProvidersResponse* response) override;

 private:
  const rpc::Methods& methods_;
  const providers::Registry& registry_;
  ProviderComparer& comparer_;
};

}  // namespace trunkline::gateway
