#include "services/gateway/api/provider_handler.h"

#include "libs/base/status.h"

namespace trunkline::gateway {

grpc::Status ProviderHandler::ListProviders(grpc::ServerContext* context,
                                            const providers::v1::ListProvidersRequest* /*request*/,
                                            providers::v1::ListProvidersResponse* response) {
  return methods_.Unary("ProviderService/ListProviders", context, [&](const rpc::Caller& /*caller*/) {
    for (const std::string& name : registry_.Names()) {
      providers::v1::Provider* provider = response->add_providers();
      provider->set_name(name);
      for (const providers::v1::Feature feature : registry_.Find(name)->Features()) provider->add_features(feature);
    }
    return absl::OkStatus();
  });
}

grpc::Status ProviderHandler::CompareProviders(grpc::ServerContext* context,
                                               const providers::v1::CompareProvidersRequest* request,
                                               providers::v1::CompareProvidersResponse* response) {
  return methods_.Unary("ProviderService/CompareProviders", context, [&](const rpc::Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, comparer_.Compare(caller.business_id, *request));
    return absl::OkStatus();
  });
}

}  // namespace trunkline::gateway
