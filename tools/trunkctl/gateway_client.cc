#include "tools/trunkctl/gateway_client.h"

#include "libs/rpc/channel.h"

namespace trunkline::trunkctl {

void GatewayOptions::AddTo(CLI::App& command) {
  command.add_option("--gateway", address, "gRPC address of the gateway, host:port")
      ->envname("TRUNKLINE_GATEWAY")
      ->capture_default_str();
  command.add_option("--api-key", api_key, "API key of the business; better given as TRUNKLINE_API_KEY")
      ->envname("TRUNKLINE_API_KEY");
}

std::shared_ptr<grpc::Channel> GatewayOptions::Connect() const { return rpc::MakeChannel(address); }

void GatewayOptions::Prepare(grpc::ClientContext* context, absl::Duration timeout) const {
  rpc::Prepare(context, timeout, api_key);
}

}  // namespace trunkline::trunkctl
